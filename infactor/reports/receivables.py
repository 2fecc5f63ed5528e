"""The purchased receivables as of a moment: what the ledger says is outstanding, and what was known of each invoice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from infactor.core.bulk import InArray
from infactor.financing.history import Kind, State, as_known
from infactor.financing.models import Advance, FundingTerms
from infactor.financing.pricing import price
from infactor.invoices.models import Debtor
from infactor.ledger.models import Entry, Purpose
from infactor.reports.moments import Moment
from infactor.suppliers.models import Supplier

ZERO = Decimal("0.00")
AT_ONCE = 1000  # advances of a query


@dataclass(frozen=True, slots=True)
class Receivable:
    """One purchased invoice with something outstanding, in `currency`. Names of buyers are those known then."""

    advance_id: int
    supplier: Supplier
    debtor: str
    debtor_key: tuple[str, int]  # the debtor's id, or the customer's where it is in no debtor
    currency: str
    invoice_no: str
    due_on: date | None
    funded_on: date
    amount: Decimal
    base: Decimal
    receivable: Decimal
    reserve: Decimal
    fee: Decimal

    @property
    def funds_employed(self) -> Decimal:
        """What infactor has paid and not got back."""
        return self.receivable - self.reserve

    def days_late(self, day: date) -> int:
        """Days after the due date; 0 or less where it is not past."""
        return (day - self.due_on).days if self.due_on else 0


def outstanding(moment: Moment) -> Iterator[Receivable]:
    """Every receivable that was outstanding at the moment, by supplier and advance. Raises HistoryDeleted.

    A thousand are in memory at a time. Seven queries for each thousand.
    """
    terms: dict[int, FundingTerms] = FundingTerms.objects.in_bulk()
    debtors: dict[int, str] = dict(Debtor.objects.values_list("pk", "name"))
    for supplier in Supplier.objects.filter(advances__accepted_at__lte=moment.at).distinct().order_by("name", "pk"):
        ids = list(
            Advance.objects.filter(supplier=supplier, accepted_at__lte=moment.at)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        for start in range(0, len(ids), AT_ONCE):
            yield from _batch(
                ids[start : start + AT_ONCE], supplier=supplier, moment=moment, terms=terms, debtors=debtors
            )


def _batch(
    ids: Sequence[int],
    *,
    supplier: Supplier,
    moment: Moment,
    terms: Mapping[int, FundingTerms],
    debtors: Mapping[int, str],
) -> Iterator[Receivable]:
    balances = balances_of([f"advance:{pk}" for pk in ids], moment=moment)
    rows = [one for one in Advance.objects.filter(InArray("pk", ids)).order_by("pk") if one.ledger_owner in balances]
    invoices = as_known(
        kind=Kind.INVOICE, supplier=supplier, at=moment.at, ids=[one.invoice_id for one in rows],
        fields={"invoice_no", "payable_date"},
    )  # fmt: skip
    buyers = as_known(
        kind=Kind.CUSTOMER, supplier=supplier, at=moment.at, ids={one.buyer_id for one in rows},
        fields={"name", "debtor_id"},
    )  # fmt: skip
    for advance in rows:
        receivable, reserve = balances[advance.ledger_owner]
        if not receivable and not reserve:
            continue
        key, name = _debtor(buyers.get(advance.buyer_id), advance.buyer_id, debtors)
        invoice = invoices[advance.invoice_id].values
        funded_on = advance.funded_on or moment.day
        days = price.days_between(funded_on=funded_on, collected_on=max(moment.day, funded_on))
        yield Receivable(
            advance_id=advance.pk,
            supplier=supplier,
            debtor=name,
            debtor_key=key,
            currency=advance.currency,
            invoice_no=invoice["invoice_no"],
            due_on=invoice["payable_date"],
            funded_on=funded_on,
            amount=advance.amount,
            base=advance.base,
            receivable=receivable,
            reserve=reserve,
            fee=price.fee(fee_base=advance.fee_base, days=days, terms=terms[advance.terms_id].record()).amount,
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
