"""What is out already, offered or asked for: by debtor over the whole house, by pair, by supplier, and by currency.

An advance counts with its base until it is paid out, then with what of it the buyer still owes by the books; a request
that waits and an offer that is open count with the base that was shown.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, Q

from infactor.financing.eligibility.portfolio import (
    ZERO,
    Committed,
    DebtorAndCurrency,
    Sums,
)
from infactor.financing.models import OPEN, Advance, Offer, OfferLine, RequestLine
from infactor.invoices.models import Buyer
from infactor.ledger.balances import balances_by_owner
from infactor.ledger.models import Purpose
from infactor.suppliers.models import Supplier

MOST_NUMBERS = 5


class Commitment(NamedTuple):
    """One invoice that takes up room. `base` is what was agreed or shown, `amount` what of it is still to come.

    `is_bought` where it was accepted: what is offered or asked for may still come to nothing.
    """

    invoice_id: int
    number: str
    buyer_id: int | None
    currency: str
    base: Decimal
    amount: Decimal
    is_bought: bool = False


def of_supplier(*, supplier: Supplier) -> list[Commitment]:
    """Every commitment of `supplier`, whoever the buyer is."""
    return _found(Q(supplier=supplier), Q(supplier=supplier))


def of_buyers(*, buyer_ids: Collection[int]) -> list[Commitment]:
    """Every commitment on invoices of these buyers (with their jobs), whoever the supplier is."""
    return _found(Q(invoice__buyer__in=buyer_ids), Q(buyer__in=buyer_ids)) if buyer_ids else []


def elsewhere(*, supplier: Supplier, debtor_ids: Collection[int]) -> dict[int, int]:
    """The debtor of each buyer of other suppliers that is joined to one of `debtor_ids`, its jobs among them."""
    if not debtor_ids:
        return {}
    rows = Buyer.objects.filter(debtor__in=debtor_ids).exclude(supplier=supplier).order_by()
    found: dict[int, int] = dict(rows.values_list("pk", "debtor_id"))
    level = dict(found)
    while level:
        jobs = Buyer.objects.filter(parent__in=level).order_by().values_list("pk", "parent_id")
        level = {job: level[parent] for job, parent in jobs if job not in found}
        found |= level
    return found


def add_up(
    *, own: Iterable[Commitment], others: Iterable[Commitment], keys: Mapping[int, str], debtors: Mapping[int, int]
) -> Sums:
    """`own` by `keys`, the debtor key of each of the supplier's buyers, and `others` by their debtors, too."""
    pair: dict[DebtorAndCurrency, list[Commitment]] = defaultdict(list)
    supplier: dict[str, list[Commitment]] = defaultdict(list)
    for one in own:
        pair[keys.get(one.buyer_id or 0, ""), one.currency].append(one)
        supplier[one.currency].append(one)
    house: dict[DebtorAndCurrency, Decimal] = defaultdict(Decimal)
    for one in others:
        if one.buyer_id is not None:
            house[f"debtor:{debtors[one.buyer_id]}", one.currency] += one.amount
    pairs = {key: _committed(ones) for key, ones in pair.items()}
    for key, committed in pairs.items():
        house[key] += committed.amount
    return Sums(
        house={key: Committed(amount) for key, amount in house.items()},
        pair=pairs,
        supplier={currency: _committed(ones) for currency, ones in supplier.items()},
    )


def _committed(ones: Iterable[Commitment]) -> Committed:
    """The largest are named: their payment makes the most room."""
    largest = sorted((one for one in ones if one.amount > 0), key=lambda one: (-one.amount, one.invoice_id))
    return Committed(sum((one.amount for one in largest), ZERO), tuple(one.number for one in largest[:MOST_NUMBERS]))


def _found(condition: Q, of_advances: Q) -> list[Commitment]:
    columns = ("invoice_id", "invoice__invoice_no", "invoice__buyer_id")
    requests = RequestLine.objects.filter(condition, status=RequestLine.Status.WAITING).order_by("pk")
    offers = OfferLine.objects.filter(condition, status=Offer.Status.PROPOSED).order_by("pk")
    asked = requests.values_list(*columns, "request__currency", "base", F("base"))
    offered = offers.values_list(*columns, "offer__currency", "base", F("base"))
    return [*(Commitment(*row) for row in (*asked, *offered)), *_advances(of_advances)]


def _advances(condition: Q) -> list[Commitment]:
    """An advance is of the buyer whose invoice was bought, whatever customer its books name by now."""
    rows = list(
        Advance.objects.filter(condition, status__in=OPEN)
        .order_by("pk")
        .only("status", "currency", "base", "buyer_id", "invoice__invoice_no")
        .select_related("invoice")
    )
    out = [row for row in rows if row.status != Advance.Status.ACCEPTED]
    owed = balances_by_owner(purpose=Purpose.RECEIVABLE, owners=[row.owner for row in out]) if out else {}
    return [
        Commitment(
            invoice_id=row.invoice_id,
            number=row.invoice.invoice_no,
            buyer_id=row.buyer_id,
            currency=row.currency,
            base=row.base,
            amount=min(row.base, max(owed.get(row.owner, row.base), ZERO)),
            is_bought=True,
        )
        for row in rows
    ]
