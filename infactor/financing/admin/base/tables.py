"""Tables of prices, eligibility assessments, limits and ledger entries for the financing pages of staff."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

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
from infactor.ledger.models import Transaction


def price_tables(figures: Disclosure) -> list[Table]:
    """What is paid out now, and the fee and rebate when the buyer pays after 30, 45, 60 or 90 days."""
    currency: str = figures["currency"]
    funded_on = date.fromisoformat(figures["funded_on"])

    def money(amount: str) -> object:
        return amount_text(Decimal(amount), currency)

    now = Table(
        caption=f"Price under terms {figures['terms']}, if funded on {day_text(funded_on)}",
        columns=("Face", "Base", "Paid out at once", "Reserve", "Fee on", "Fee of each additional period"),
        rows=[
            [
                money(figures[name])
                for name in ("face", "base", "cash_now", "reserve", "fee_base", "cost_per_additional_period")
            ]
        ],
    )
    later = Table(
        caption="If every buyer pays after",
        columns=("Days", "Fee", "Rebate", "Owed by the supplier", "Annual rate, about"),
        rows=[
            (
                f"{one['days']}{' (past recourse)' if one['past_recourse'] else ''}",
                money(one["fee"]),
                money(one["rebate"]),
                money(one["shortfall"]),
                figure_text(one["annual_rate"], "%"),
            )
            for one in figures["scenarios"]
        ],
    )
    return [now, later]


def assessments_table(invoices: Sequence[Invoice], assessments: Mapping[int, Assessment]) -> Table:
    """The eligibility assessment of each invoice now."""
    return Table(
        caption="Eligibility now",
        columns=("Invoice", "Buyer", "Face", "Base", "Advance", "Eligibility", "Explanation", "Deductions"),
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
            subject = "the supplier" if of_all else str(invoice.buyer or invoice.company_name or "-")
            currency = assessments[invoice.pk].currency
            limit = result.limit if isinstance(result.limit, Decimal) else None
            row: list[object] = [
                explanations.staff_title(result.rule),
                subject,
                amount_text(result.actual, currency),
                "none" if limit is None else amount_text(limit, currency),
                "-" if limit is None else amount_text(max(limit - result.actual, Decimal(0)), currency),
            ]
            found.setdefault((result.rule, subject), row)
    order: list[Rule] = list(LIMIT_RULES)
    keys = sorted(found, key=lambda key: (order.index(Rule(str(key[0]))), str(key[1])))
    return Table(
        caption="Limits, without the invoices of this request",
        columns=("Rule", "Of", "In use", "Limit", "Available"),
        rows=[found[key] for key in keys],
    )


def rule_tables(invoices: Sequence[Invoice], assessments: Mapping[int, Assessment]) -> list[Table]:
    """Every rule of every invoice with its numbers, closed until somebody opens the invoice."""
    return [
        CollapsibleTable(
            caption=f"Invoice {invoice}: every rule",
            columns=("Rule", "Result", "Actual", "Limit", "Changes on", "Details"),
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


def ledger_table(transactions: Iterable[Transaction]) -> Table:
    """Every ledger entry of these transactions, which come with their entries and accounts prefetched."""
    return Table(
        caption="Ledger",
        columns=("Transaction", "Value date", "Account", "Debit", "Credit"),
        rows=[
            (
                link(one, one.reference),
                day_text(one.value_date),
                entry.account.display_name,
                amount_text(entry.debit, one.currency) if entry.debit else "",
                amount_text(entry.credit, one.currency) if entry.credit else "",
            )
            for one in transactions
            for entry in one.entries.all()
        ],
        empty="Nothing is posted yet.",
    )


def corrections_table(rows: Any) -> Table:
    """The corrections of a payment or of an advance: what is different, why, and who did it."""
    return Table(
        caption="Corrections",
        columns=("Correction", "Made", "Change", "Reason", "By", "Second person"),
        empty="Nothing was corrected.",
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
        caption="What is posted to the ledger",
        columns=("Posting", "Value date", "Account", "Debit", "Credit"),
        rows=[
            (
                "Reversal" if one.reverses_id else one.description,
                day_text(one.value_date),
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
        caption="Invoices",
        columns=("Invoice", "Buyer", "Status", "Face", "Base", "Advance", "Reserve", "Recourse date", "Deductions"),
        rows=[
            (
                link(line.invoice),
                str(line.invoice.buyer or line.invoice.company_name or "-"),
                "Waiting" if line.status == "proposed" else line.get_status_display(),
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
