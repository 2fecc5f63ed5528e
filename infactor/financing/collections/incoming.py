"""A payment as the bank reports it, and why it cannot be recorded."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from infactor.banking.models import StatementLine


class CollectionError(Exception):
    """The payment cannot be recorded or allocated. The message says why. Nothing was written."""


class AlreadyRecorded(CollectionError):
    """This payment (currency, reference, value date, amount) is already recorded."""


@dataclass(frozen=True)
class IncomingPayment:
    """A payment as the bank reports it. `statement_line` is the line with which it came; None: a person typed it."""

    currency: str
    amount: Decimal
    value_date: date
    bank_reference: str
    payer: str = ""
    remittance: str = ""
    statement_line: StatementLine | None = None
