"""The two sides that the watch compares: payments in a supplier's books, and payments that infactor received."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

BuyerAndCurrency = tuple[int, str]


@dataclass(frozen=True)
class BookedPayment:
    """What a payment in the supplier's books lays on one invoice.

    `total` is the whole payment, and `unapplied` what of it lies on nothing. `kinds` are the other documents that it
    applies, with `credited` what they pay of this invoice; none for plain money. One that is not `is_applied` lies on
    no invoice, but has the amount of one.
    """

    reference: str
    amount: Decimal | None
    paid_on: date | None
    total: Decimal | None = None
    unapplied: Decimal = Decimal(0)
    number: str = ""
    moves_money: bool = True
    is_own: bool = False
    is_applied: bool = True
    kinds: tuple[str, ...] = ()
    credited: Decimal = Decimal(0)


@dataclass(frozen=True)
class Claim:
    """A payment in the books, and the advances whose invoice it pays or may pay.

    `buyer` is the root customer with the currency of the advances. `matters`: its buyer still owes for one of them.
    `is_meant`: of a payment on no invoice, whether it has the amount that one of them is owed.
    """

    payment: BookedPayment
    advances: tuple[int, ...]
    buyer: BuyerAndCurrency
    matters: bool = True
    is_meant: bool = True


@dataclass(frozen=True)
class Receipt:
    """What infactor received with one payment for one advance, and other amounts that mean the same payment.

    `advance` and `buyer` are None while it waits to be matched.
    """

    collection: int
    amount: Decimal
    value_date: date
    currency: str
    other_amounts: tuple[Decimal, ...] = ()
    advance: int | None = None
    buyer: BuyerAndCurrency | None = None

    @property
    def is_waiting(self) -> bool:
        return self.advance is None
