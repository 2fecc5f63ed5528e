"""The figures of a price and the workings of the rules as tables, for staff's pages of requests, offers and terms."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from infactor.core.admin.base import amount_text, figure_text
from infactor.core.admin.decisions import Table
from infactor.core.money import text
from infactor.financing.admin.base.parts import Folded, day_text, link
from infactor.financing.eligibility import explanations
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.eligibility.rules.catalogue import Rule, Ruling
from infactor.financing.pricing.disclosure import Figures
from infactor.invoices.models import Invoice
from infactor.ledger.models import Transaction

# The rules' own titles speak to the supplier.
LIMITS = {
    Rule.BUYER_LIMIT: "Buyer, over all suppliers",
    Rule.PAIR_LIMIT: "Buyer and supplier",
    Rule.SUPPLIER_LIMIT: "Supplier, over all buyers",
    Rule.CONCENTRATION: "Share of one buyer",
}
VERDICTS = {"ready": "Can be financed", "todo": "After one step", "no": "Cannot be financed"}


def price_tables(figures: Figures) -> list[Table]:
    """What is paid now and, if the buyer pays at 30, 45, 60 or 90 days, what it comes to."""
    currency: str = figures["currency"]
    funded_on = date.fromisoformat(figures["funded_on"])

    def money(amount: str) -> object:
        return amount_text(Decimal(amount), currency)

    now = Table(
        caption=f"Price by terms {figures['terms']}, if it were funded on {day_text(funded_on)}",
        columns=("Face", "Base", "Paid out at once", "Held back", "Each further period costs"),
        rows=[[money(figures[name]) for name in ("face", "base", "cash_now", "reserve", "each_further_period")]],
    )
    later = Table(
        caption="If every buyer pays after",
        columns=("Days", "Fee", "Rebate", "Owed by the supplier", "A year, about"),
        rows=[
            (
                f"{one['days']}{' (past recourse)' if one['past_recourse'] else ''}",
                money(one["fee"]),
                money(one["rebate"]),
                money(one["owed"]),
                figure_text(one["annual_rate"], "%"),
            )
            for one in figures["endings"]
        ],
    )
    return [now, later]


def judged_table(invoices: Sequence[Invoice], judged: Mapping[int, Assessment]) -> Table:
    """Each invoice as the rules judge it now."""
    return Table(
        caption="As the rules judge it now",
        columns=("Invoice", "Buyer", "Face", "Base", "Advance", "Verdict", "What decides", "Less"),
        rows=[_judged_row(invoice, judged[invoice.pk]) for invoice in invoices],
    )


def _judged_row(invoice: Invoice, ruled: Assessment) -> list[object]:
    currency = ruled.currency
    return [
        link(invoice),
        str(invoice.buyer or invoice.company_name or "-"),
        amount_text(ruled.face, currency),
        amount_text(ruled.base, currency),
        amount_text(ruled.advance, currency),
        VERDICTS[ruled.verdict],
        explanations.main_sentence(ruled),
        _less(((str(what), amount) for what, amount in ruled.deductions), currency),
    ]


def _less(deductions: Iterable[tuple[str, Decimal]], currency: str) -> str:
    """What was taken off between face and base."""
    return "; ".join(f"{explanations.deduction(what)} {text(amount, currency)}" for what, amount in deductions) or "-"


def limits_table(invoices: Sequence[Invoice], judged: Mapping[int, Assessment]) -> Table:
    """What of each limit around these invoices is in use without them, each limit once."""
    found: dict[tuple[object, ...], list[object]] = {}
    for invoice in invoices:
        for ruling in judged[invoice.pk].rulings:
            if ruling.rule not in LIMITS or not isinstance(ruling.found, Decimal):
                continue
            of_all = ruling.rule is Rule.SUPPLIER_LIMIT
            whose = "the supplier" if of_all else str(invoice.buyer or invoice.company_name or "-")
            currency = judged[invoice.pk].currency
            bound = ruling.bound if isinstance(ruling.bound, Decimal) else None
            row: list[object] = [
                LIMITS[ruling.rule],
                whose,
                amount_text(ruling.found, currency),
                "none" if bound is None else amount_text(bound, currency),
                "-" if bound is None else amount_text(max(bound - ruling.found, Decimal(0)), currency),
            ]
            found.setdefault((ruling.rule, whose), row)
    order = list(LIMITS)
    keys = sorted(found, key=lambda key: (order.index(Rule(str(key[0]))), str(key[1])))
    return Table(
        caption="Limits, without what is asked for here",
        columns=("Limit", "Of", "In use", "Limit or share", "Left"),
        rows=[found[key] for key in keys],
    )


def workings_tables(invoices: Sequence[Invoice], judged: Mapping[int, Assessment]) -> list[Table]:
    """Every rule of every invoice with its numbers, each invoice to be opened."""
    return [
        Folded(
            caption=f"Invoice {invoice}: every rule",
            columns=("Rule", "Answer", "Measured", "By", "Changes on", "Behind it"),
            rows=[workings_row(ruling, currency=judged[invoice.pk].currency) for ruling in judged[invoice.pk].rulings],
        )
        for invoice in invoices
    ]


def workings_row(ruling: Ruling, *, currency: str) -> list[object]:
    """One rule with its workings, what was measured and by what to the right."""
    rule, answer, found, bound, *rest = explanations.workings(ruling, currency=currency)
    return [rule, answer, figure_text(found), figure_text(bound), *rest]


def books_table(written: Iterable[Transaction]) -> Table:
    """Every entry of these transactions; their entries and accounts are to be fetched with them."""
    return Table(
        caption="The books",
        columns=("Transaction", "Value date", "Account", "Debit", "Credit"),
        rows=[
            (
                link(one, one.reference),
                day_text(one.value_date),
                entry.account.words,
                amount_text(entry.debit, one.currency) if entry.debit else "",
                amount_text(entry.credit, one.currency) if entry.credit else "",
            )
            for one in written
            for entry in one.entries.all()
        ],
        empty="Nothing is posted yet.",
    )


def lines_table(lines: Sequence[Any], currency: str) -> Table:
    """The invoices of an offer as they were priced."""
    return Table(
        caption="Invoices",
        columns=("Invoice", "Buyer", "Status", "Face", "Base", "Advance", "Reserve", "Recourse", "Less"),
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
                    f"{explanations.deduction(what)} {text(Decimal(amount), currency)}"
                    for what, amount in line.deductions
                )
                or "-",
            )
            for line in lines
        ],
    )
