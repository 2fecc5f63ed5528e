"""Payments to be ordered from a bank, and the file that orders them. Neither shows a number in its repr."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from infactor.banking.models import HouseAccount


@dataclass(frozen=True)
class PaymentOrder:
    """One payment. `routing_number` is the bank's number in the payee's country, or its BIC; empty with an IBAN.

    `end_to_end_id` comes back on statements and with returned payments. `text` is for the payee.
    """

    end_to_end_id: str
    amount: Decimal
    currency: str
    payee: str
    country: str
    account_number: str = field(repr=False)
    routing_number: str = field(repr=False)
    text: str


@dataclass(frozen=True)
class PaymentFile:
    """A payment file: `control_sum` is in the account's currency, `count` the number of payments."""

    name: str
    content: bytes = field(repr=False)
    content_type: str
    control_sum: Decimal
    count: int


@dataclass(frozen=True)
class Batch:
    """Checked payments from one house account on one day; their numbers are without separators. `at` is aware."""

    account: HouseAccount
    batch_id: str
    orders: Sequence[PaymentOrder] = field(repr=False)
    execution_day: date
    at: datetime

    @property
    def control_sum(self) -> Decimal:
        """The sum of all payments."""
        return sum((order.amount for order in self.orders), Decimal(0))
