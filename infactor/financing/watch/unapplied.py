"""Payments in the books that lie on no invoice: which of the advances each may be for."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from infactor.financing.models import Advance
from infactor.financing.watch import booked_payments
from infactor.financing.watch.payments_and_receipts import BookedPayment, BuyerAndCurrency, Claim, Receipt
from infactor.suppliers.models import Supplier

Waiting = tuple[None, str]


@dataclass(frozen=True)
class Possible:
    """An advance that a payment may be for, and what would pay it; nothing of one that was settled.

    `roots` are the root customers whose payments count: that of the advance, and that of its invoice now.
    """

    advance: Advance
    buyer: BuyerAndCurrency
    roots: frozenset[int]
    owed: tuple[Decimal, ...] = ()
    is_owing: bool = False


def claims(
    *, supplier: Supplier, possible: Sequence[Possible], receipts: Sequence[Receipt], tolerance: Decimal
) -> Iterator[Claim]:
    """A buyer's payment that lies on no invoice, but has the amount of one that was bought, may be its payment.

    So may one that has the amount of what infactor received: the supplier has not applied it yet. One query, and one
    for each level of sub-customers.
    """
    by_buyer: dict[BuyerAndCurrency, list[Possible]] = defaultdict(list)
    for one in possible:
        for root in one.roots:
            by_buyer[root, one.advance.currency].append(one)
    came: dict[BuyerAndCurrency | Waiting, set[Decimal]] = defaultdict(set)
    for receipt in receipts:
        came[receipt.buyer or (None, receipt.currency)] |= {receipt.amount, *receipt.other_amounts}
    found = booked_payments.unapplied_payments(supplier=supplier, advances=[one.advance for one in possible])
    for root, currency, payment in found:
        later = [one for one in by_buyer[root, currency] if not _is_before(payment, one.advance)]
        if not later:
            continue
        buyer = later[0].buyer
        is_meant = _is_near(payment.unapplied, (amount for one in later for amount in one.owed), tolerance)
        if is_meant or _is_near(payment.unapplied, {*came[buyer], *came[None, currency]}, tolerance):
            yield Claim(
                payment,
                tuple(one.advance.pk for one in later),
                buyer,
                matters=is_meant and any(one.is_owing for one in later),
                is_meant=is_meant,
            )


def _is_before(payment: BookedPayment, advance: Advance) -> bool:
    return bool(payment.paid_on and advance.funded_on and payment.paid_on < advance.funded_on)


def _is_near(amount: Decimal, others: Iterable[Decimal], tolerance: Decimal) -> bool:
    return any(abs(amount - other) <= tolerance for other in others)
