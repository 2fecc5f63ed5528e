"""Tables of prices, eligibility assessments, limits and ledger entries for the financing pages of staff."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.formatting import amount_text, day_text, figure_text, link, moment_text
from infactor.core.admin.tables import CollapsibleTable, Table
from infactor.core.money import format_amount
from infactor.financing.eligibility import explanations
from infactor.financing.eligibility.catalogue import LIMIT_RULES, Rule
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.eligibility.results import RuleResult
from infactor.financing.models import Eligibility
from infactor.financing.pricing.disclosure import Disclosure
from infactor.invoices.models import Invoice
from infactor.ledger.models import Entry, Transaction

# Of the amounts of a disclosure, those that a price has.
PRICE_COLUMNS = {
    "face": gettext_lazy("Face"),
    "base": gettext_lazy("Base"),
    "advance": gettext_lazy("Advance"),
    "wire_fees": gettext_lazy("Wire fees"),
    "cash_now": gettext_lazy("Paid out at once"),
    "reserve": gettext_lazy("Reserve"),
    "fee_base": gettext_lazy("Fee on"),
    "cost_per_additional_period": gettext_lazy("Fee of each additional period"),
    "minimum_fee": gettext_lazy("Minimum fee of an invoice"),
}


def price_tables(figures: Disclosure) -> list[Table]:
    """What is paid out now, and the fee and rebate when the buyer pays after 30, 45, 60 or 90 days."""
    currency: str = figures["currency"]
    funded_on = date.fromisoformat(figures["funded_on"])

    def money(amount: str) -> object:
        return amount_text(Decimal(amount), currency)

    shown = {name: label for name, label in PRICE_COLUMNS.items() if name in figures}
    terms = (
        _("Price under terms %(terms)s") % {"terms": figures["terms"]}
        if figures["terms"]
        else _("Price under the terms of this deal")
    )
    now = Table(
        caption=_("%(terms)s, if funded on %(funded_on)s") % {"terms": terms, "funded_on": day_text(funded_on)},
        columns=tuple(shown.values()),
        rows=[[money(figures[name]) for name in shown]],
    )
    later = Table(
        caption=_("If every buyer pays after"),
        columns=(_("Days"), _("Fee"), _("Total cost"), _("Rebate"), _("Owed by the supplier"), _("Annual rate, about")),
        rows=[
            (
                f"{one['days']}{_(' (past recourse)') if one['past_recourse'] else ''}",
                _with_late_fee(money(one["fee"]), one.get("late_fee"), currency),
                money(one["cost"]),
                money(one["rebate"]),
                money(one["shortfall"]),
                figure_text(one["annual_rate"], "%"),
            )
            for one in figures["scenarios"]
        ],
    )
    return [now, later]


def _with_late_fee(fee: object, late: str | None, currency: str) -> object:
    """The fee, and how much of it is a late fee."""
    return fee if late is None else format_html(_("{} (late fee {})"), fee, format_amount(Decimal(late), currency))


def assessments_table(invoices: Sequence[Invoice], assessments: Mapping[int, Assessment]) -> Table:
    """The eligibility assessment of each invoice now."""
    return Table(
        caption=_("Eligibility now"),
        columns=(
            _("Invoice"),
            _("Buyer"),
            _("Face"),
            _("Base"),
            _("Advance"),
            _("Eligibility"),
            _("Explanation"),
            _("Deductions"),
        ),
        rows=[_assessment_row(invoice, assessments[invoice.pk]) for invoice in invoices],
    )


def _assessment_row(invoice: Invoice, assessment: Assessment) -> list[object]:
    currency = assessment.currency
    return [
        link(invoice),
        str(invoice.buyer or invoice.company_name or "-"),
        amount_text(assessment.face, currency),
        amount_text(assessment.base, currency),
        amount_text(assessment.advance, currency),
        Eligibility.Decision(assessment.decision).label,
        explanations.explanation(assessment),
        _deductions_text(((str(what), amount) for what, amount in assessment.deductions), currency),
    ]


def _deductions_text(deductions: Iterable[tuple[str, Decimal]], currency: str) -> str:
    """The deductions from face to base."""
    return (
        "; ".join(
            f"{explanations.deduction_label(what)} {format_amount(amount, currency)}" for what, amount in deductions
        )
        or "-"
    )


def limits_table(invoices: Sequence[Invoice], assessments: Mapping[int, Assessment]) -> Table:
    """Each limit that these invoices draw on, once, with its use by all other invoices."""
    found: dict[tuple[object, ...], list[object]] = {}
    for invoice in invoices:
        for result in assessments[invoice.pk].results:
            if result.rule not in LIMIT_RULES or not isinstance(result.actual, Decimal):
                continue
            of_all = result.rule is Rule.SUPPLIER_LIMIT
            subject = _("the supplier") if of_all else str(invoice.buyer or invoice.company_name or "-")
            currency = assessments[invoice.pk].currency
            limit = result.limit if isinstance(result.limit, Decimal) else None
            row: list[object] = [
                explanations.staff_title(result.rule),
                subject,
                amount_text(result.actual, currency),
                _("none") if limit is None else amount_text(limit, currency),
                "-" if limit is None else amount_text(max(limit - result.actual, Decimal(0)), currency),
            ]
            found.setdefault((result.rule, subject), row)
    order: list[Rule] = list(LIMIT_RULES)
    keys = sorted(found, key=lambda key: (order.index(Rule(str(key[0]))), str(key[1])))
    return Table(
        caption=_("Limits, without the invoices of this request"),
        columns=(_("Rule"), _("Of"), _("In use"), _("Limit"), _("Available")),
        rows=[found[key] for key in keys],
    )


def rule_tables(invoices: Sequence[Invoice], assessments: Mapping[int, Assessment]) -> list[Table]:
    """Every rule of every invoice with its numbers, closed until somebody opens the invoice."""
    return [
        CollapsibleTable(
            caption=_("Invoice %(invoice)s: every rule") % {"invoice": invoice},
            columns=(_("Rule"), _("Result"), _("Actual"), _("Limit"), _("Changes on"), _("Details")),
            rows=[
                rule_row(result, currency=assessments[invoice.pk].currency)
                for result in assessments[invoice.pk].results
            ],
        )
        for invoice in invoices
    ]


def rule_row(result: RuleResult, *, currency: str) -> list[object]:
    """One rule with its result, its figures and its details."""
    rule, answer, found, limit, *rest = explanations.calculation_row(result, currency=currency)
    return [rule, answer, figure_text(found), figure_text(limit), *rest]


def value_date_text(posted: Transaction) -> str:
    """The day on which a posting counts, and its own day where that month was closed already."""
    if posted.original_value_date is None:
        return day_text(posted.value_date)
    return _("%(value_date)s, for %(original_value_date)s: that month is closed") % {
        "value_date": day_text(posted.value_date),
        "original_value_date": day_text(posted.original_value_date),
    }


def ledger_table(transactions: "QuerySet[Transaction]", *, order: str = "transaction_id") -> Table:
    """Every ledger entry of these transactions, in one query."""
    entries = Entry.objects.filter(transaction__in=transactions.order_by().values("pk"))
    return Table(
        caption=_("Ledger"),
        columns=(_("Transaction"), _("Value date"), _("Account"), _("Debit"), _("Credit")),
        rows=[
            (
                link(one.transaction, one.transaction.reference),
                value_date_text(one.transaction),
                one.account.display_name,
                amount_text(one.debit, one.transaction.currency) if one.debit else "",
                amount_text(one.credit, one.transaction.currency) if one.credit else "",
            )
            for one in entries.select_related("account", "transaction").order_by(order, "transaction_id", "position")
        ],
        empty=_("Nothing is posted yet."),
    )


def corrections_table(rows: Any) -> Table:
    """The corrections of a payment or of an advance: what is different, why, and who did it."""
    return Table(
        caption=_("Corrections"),
        columns=(_("Correction"), _("Made"), _("Change"), _("Reason"), _("By"), _("Second person")),
        empty=_("Nothing was corrected."),
        rows=[
            (
                link(one, one.get_kind_display()),
                moment_text(one.made_at),
                one.change,
                one.reason,
                str(one.made_by),
                str(one.approved_by or "-"),
            )
            for one in rows.select_related("made_by", "approved_by").order_by("pk")
        ],
    )


def postings_table(transactions: Iterable[Transaction]) -> Table:
    """What would be posted: each entry with its account. The transactions come with their entries and accounts."""
    return Table(
        caption=_("What is posted to the ledger"),
        columns=(_("Posting"), _("Value date"), _("Account"), _("Debit"), _("Credit")),
        rows=[
            (
                _("Reversal") if one.reverses_id else one.description,
                value_date_text(one),
                entry.account.display_name,
                amount_text(entry.debit, one.currency) if entry.debit else "",
                amount_text(entry.credit, one.currency) if entry.credit else "",
            )
            for one in transactions
            for entry in one.entries.all()
        ],
    )


def lines_table(lines: Sequence[Any], currency: str) -> Table:
    """The invoices of an offer with their prices."""
    return Table(
        caption=_("Invoices"),
        columns=(
            _("Invoice"),
            _("Buyer"),
            _("Status"),
            _("Face"),
            _("Base"),
            _("Advance"),
            _("Reserve"),
            _("Recourse date"),
            _("Deductions"),
        ),
        rows=[
            (
                link(line.invoice),
                str(line.invoice.buyer or line.invoice.company_name or "-"),
                _("Waiting") if line.status == "proposed" else line.get_status_display(),
                amount_text(line.face, currency),
                amount_text(line.base, currency),
                amount_text(line.advance, currency),
                amount_text(line.reserve, currency),
                day_text(line.recourse_on),
                "; ".join(
                    f"{explanations.deduction_label(what)} {format_amount(Decimal(amount), currency)}"
                    for what, amount in line.deductions
                )
                or "-",
            )
            for line in lines
        ],
    )
