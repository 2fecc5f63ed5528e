"""A payment as the bank reports it, and why it cannot be recorded."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from infactor.banking.models import StatementLine


class CollectionError(Exception):
    """The payment cannot be recorded or allocated. The message says why. Nothing was written."""


class AlreadyRecorded(CollectionError):
    """This payment (currency, reference, value date, amount) is already recorded."""


class LooksLikeAnother(CollectionError):
    """A payment that is recorded, or booked money, may be this one. A person says whether it is."""


@dataclass(frozen=True)
class IncomingPayment:
    """A payment as the bank reports it.

    `statement_line` is the line with which it came; None: a person typed it. `is_another`: a person says that it is
    none of the payments that it looks like.
    """

    currency: str
    amount: Decimal
    value_date: date
    bank_reference: str
    payer: str = ""
    remittance: str = ""
    statement_line: StatementLine | None = None
    is_another: bool = False
