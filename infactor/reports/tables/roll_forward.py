"""The roll-forward of purchased receivables: from one moment to another, naming each invoice that moved."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from infactor.financing.history import Kind, as_known
from infactor.financing.models import Advance
from infactor.ledger.models import Entry, Purpose
from infactor.reports.moments import Span
from infactor.reports.movements import Step, moved_by_supplier, receivables_moved, within
from infactor.reports.receivables import balances_of, receivables_by_currency, supplier_names
from infactor.reports.report import ZERO, Row, amount, text
from infactor.suppliers.models import Supplier

STEPS = (Step.PURCHASED, Step.COLLECTED, Step.SHORT, Step.REPURCHASED, Step.WRITTEN_OFF, Step.OTHER)
COLUMNS = (
    text(_("Invoice")),
    text(_("Currency")),
    text(_("Supplier")),
    amount(_("Opening")),
    amount(_("Purchased")),
    amount(_("Collected")),
    amount(_("Short paid or credited")),
    amount(_("Repurchased")),
    amount(_("Written off")),
    amount(_("Other")),
    amount(_("Closing")),
    amount(_("Difference")),
)
ALL, NO_NUMBER = _("All invoices"), _("No number")
AT_ONCE = 1000  # advances of a query


def rows(span: Span) -> Iterator[Row]:
    """Opening and closing are balances, the rest movements, each read on its own: the difference must be nothing.

    Only what moved is read invoice by invoice: six queries for each thousand, and a thousand in memory. Raises
    HistoryDeleted.
    """
    moved = Entry.objects.filter(within(span), account__purpose=Purpose.RECEIVABLE)
    by_supplier = moved.order_by().values_list("account__supplier_id", "account__owner").distinct()
    owners: dict[int, list[int]] = defaultdict(list)
    for supplier_id, owner in by_supplier.iterator(chunk_size=AT_ONCE):
        owners[supplier_id].append(int(owner.removeprefix("advance:")))
    names = supplier_names(span.moment)
    for supplier in sorted(Supplier.objects.filter(pk__in=owners), key=lambda one: (names[one.pk], one.pk)):
        ids = sorted(owners[supplier.pk])
        for start in range(0, len(ids), AT_ONCE):
            batch = _batch(ids[start : start + AT_ONCE], supplier=supplier, name=names[supplier.pk], span=span)
            for row, figures in batch:
                if any(figures[1:-2]) or figures[0] != figures[-2]:
                    yield row
    for currency, figures in sorted(_totals(span).items()):
        yield Row(currency, (ALL, currency, None, *figures), is_total=True)


def _totals(span: Span) -> dict[str, list[Decimal]]:
    """The figures of each currency. Three queries."""
    opening, closing = (receivables_by_currency(at) for at in (span.since, span.moment))
    moved: dict[tuple[str, Step], Decimal] = defaultdict(lambda: ZERO)
    for currency, _supplier, step, amount_moved in moved_by_supplier(span):
        moved[currency, step] += amount_moved
    totals = {}
    for currency in {*opening, *closing}:
        before, after = opening.get(currency, ZERO), closing.get(currency, ZERO)
        steps = [moved[currency, step] for step in STEPS]
        totals[currency] = [before, *steps, after, before + sum(steps, ZERO) - after]
    return totals


def _batch(ids: Sequence[int], *, supplier: Supplier, name: str, span: Span) -> Iterator[tuple[Row, Sequence[Decimal]]]:
    """The row of each advance, and its figures."""
    owners = [f"advance:{pk}" for pk in ids]
    opening, closing = (balances_of(owners, moment=at) for at in (span.since, span.moment))
    moved = receivables_moved(span, owners=owners)
    advances = list(Advance.objects.filter(pk__in=ids).order_by("pk"))
    invoices = as_known(
        kind=Kind.INVOICE, supplier=supplier, at=span.moment.at, ids=[one.invoice_id for one in advances],
        fields={"invoice_no"},
    )  # fmt: skip
    for advance in advances:
        owner = advance.ledger_owner
        before, after = (at.get(owner, (ZERO, ZERO))[0] for at in (opening, closing))
        steps = [moved.get(owner, {}).get(step, ZERO) for step in STEPS]
        figures = [before, *steps, after, before + sum(steps, ZERO) - after]
        number = invoices[advance.invoice_id].values["invoice_no"] or NO_NUMBER
        yield Row(advance.currency, (number, advance.currency, name, *figures)), figures
