"""The purchased receivables as of a moment: what the ledger says is outstanding, and what was known of each invoice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from infactor.core.bulk import InArray
from infactor.financing.history import Kind, State, as_known
from infactor.financing.models import Advance
from infactor.invoices.models import Debtor
from infactor.ledger.models import Entry, Purpose
from infactor.reports.moments import Moment
from infactor.suppliers.models import Supplier

ZERO = Decimal("0.00")
AT_ONCE = 1000  # advances of a query


@dataclass(frozen=True, slots=True)
class Receivable:
    """One purchased invoice with something outstanding, in `currency`. Names of buyers are those known then."""

    supplier: Supplier
    debtor: str
    debtor_key: tuple[str, int]  # the debtor's id, or the customer's where it is in no debtor
    currency: str
    due_on: date | None
    funded_on: date
    base: Decimal
    fee_base: Decimal
    terms_id: int
    receivable: Decimal
    reserve: Decimal

    @property
    def funds_employed(self) -> Decimal:
        """What infactor has paid and not got back."""
        return self.receivable - self.reserve

    def days_late(self, day: date) -> int:
        """Days after the due date; 0 or less where it is not past."""
        return (day - self.due_on).days if self.due_on else 0


def outstanding(moment: Moment) -> Iterator[Receivable]:
    """Every receivable that was outstanding at the moment, by supplier and advance. Raises HistoryDeleted.

    A thousand are in memory at a time, and the customers of one supplier. Six queries for each thousand.
    """
    debtors: dict[int, str] = dict(Debtor.objects.values_list("pk", "name"))
    for supplier in Supplier.objects.filter(advances__accepted_at__lte=moment.at).distinct().order_by("name", "pk"):
        accepted = Advance.objects.filter(supplier=supplier, accepted_at__lte=moment.at).order_by("pk")
        ids = list(accepted.values_list("pk", flat=True))
        buyers: dict[int, State] = {}
        for start in range(0, len(ids), AT_ONCE):
            batch = ids[start : start + AT_ONCE]
            yield from _batch(batch, supplier=supplier, moment=moment, debtors=debtors, buyers=buyers)


def _batch(
    ids: Sequence[int], *, supplier: Supplier, moment: Moment, debtors: Mapping[int, str], buyers: dict[int, State]
) -> Iterator[Receivable]:
    """The receivables of a batch. `buyers` gets the customers that were not known yet."""
    balances = balances_of([f"advance:{pk}" for pk in ids], moment=moment)
    found = [one for one in Advance.objects.filter(InArray("pk", ids)).order_by("pk") if one.ledger_owner in balances]
    rows = [(one, *balances[one.ledger_owner]) for one in found if any(balances[one.ledger_owner])]
    as_of: dict[str, Any] = {"supplier": supplier, "at": moment.at}
    invoices = as_known(kind=Kind.INVOICE, ids=[row[0].invoice_id for row in rows], fields={"payable_date"}, **as_of)
    new = {row[0].buyer_id for row in rows} - buyers.keys()
    buyers |= as_known(kind=Kind.CUSTOMER, ids=new, fields={"name", "debtor_id"}, **as_of)
    for advance, receivable, reserve in rows:
        key, name = _debtor(buyers.get(advance.buyer_id), advance.buyer_id, debtors)
        yield Receivable(
            supplier=supplier,
            debtor=name,
            debtor_key=key,
            currency=advance.currency,
            due_on=invoices[advance.invoice_id].values["payable_date"],
            funded_on=advance.funded_on or moment.day,
            base=advance.base,
            fee_base=advance.fee_base,
            terms_id=advance.terms_id,
            receivable=receivable,
            reserve=reserve,
        )


def balances_of(owners: Sequence[str], *, moment: Moment) -> dict[str, tuple[Decimal, Decimal]]:
    """The receivable and the reserve of each owner that has any posting. One query."""
    entries = Entry.objects.filter(
        moment.postings, account__owner__in=owners, account__purpose__in=[Purpose.RECEIVABLE, Purpose.RESERVE]
    )
    sums = entries.order_by().values("account__owner", "account__purpose")
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for row in sums.annotate(debits=Sum("debit"), credits=Sum("credit")):
        receivable, reserve = found.get(row["account__owner"], (ZERO, ZERO))
        moved = row["debits"] - row["credits"]
        is_receivable = row["account__purpose"] == Purpose.RECEIVABLE
        found[row["account__owner"]] = (receivable + moved, reserve) if is_receivable else (receivable, reserve - moved)
    return found


def _debtor(state: State | None, buyer_id: int, debtors: Mapping[int, str]) -> tuple[tuple[str, int], str]:
    debtor_id: int | None = state.values["debtor_id"] if state else None
    if debtor_id is not None and debtor_id in debtors:
        return ("debtor", debtor_id), debtors[debtor_id]
    return ("buyer", buyer_id), (state.values["name"] if state else "") or f"Customer {buyer_id}"
