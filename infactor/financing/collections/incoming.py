"""A payment as the bank reports it, the row that it becomes, and why it cannot be recorded."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from infactor.banking.models import StatementLine
from infactor.financing.models import Collection
from infactor.users.models import User


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

    def row(self, *, amount: Decimal, by: User, at: datetime, is_another: bool = False) -> Collection:
        """The payment as it is kept, with its `amount` in cents; not saved."""
        return Collection(
            currency=self.currency,
            amount=amount,
            value_date=self.value_date,
            bank_reference=self.bank_reference.strip(),
            payer=self.payer.strip(),
            remittance=self.remittance.strip(),
            source=Collection.Source.MANUAL if self.statement_line is None else Collection.Source.STATEMENT,
            statement_line=self.statement_line,
            is_another=is_another,
            recorded_by=by,
            recorded_at=at,
        )
