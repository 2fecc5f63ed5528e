"""What is to be posted: a transaction with its lines, and what must hold of it before it is written. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from infactor.core.currencies import is_currency
from infactor.core.money import MAX_AMOUNT, InvalidAmount, validate_amount
from infactor.ledger.checksums import digest
from infactor.ledger.models import ZERO, Purpose, Transaction

MAX_REFERENCE_LENGTH, MAX_DESCRIPTION_LENGTH, MAX_LINES = 120, 200, 1000
OWNER_PATTERN = re.compile(r"[A-Za-z0-9_:.-]{0,60}")


class NotPostable(Exception):
    """The transaction is invalid; the message says why. Nothing was written."""


class Unbalanced(NotPostable):
    """Debits and credits differ. Nothing was written."""


@dataclass(frozen=True)
class Line:
    """One debit or credit of a transaction; use `debit` and `credit`. The account is created if it does not exist."""

    purpose: Purpose
    owner: str = ""
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    supplier_id: int | None = None


def debit(purpose: Purpose, amount: Decimal, *, owner: str = "", supplier_id: int | None = None) -> Line:
    """`amount` (zero or more) on the debit side of `owner`'s account; "" is infactor itself."""
    return Line(purpose=purpose, owner=owner, debit=amount, supplier_id=supplier_id)


def credit(purpose: Purpose, amount: Decimal, *, owner: str = "", supplier_id: int | None = None) -> Line:
    """`amount` (zero or more) on the credit side of `owner`'s account; "" is infactor itself."""
    return Line(purpose=purpose, owner=owner, credit=amount, supplier_id=supplier_id)


@dataclass(frozen=True)
class Posting:
    """A transaction to be posted. A new account with an owner belongs to its line's supplier, else to `supplier_id`."""

    reference: str
    currency: str
    lines: Sequence[Line]
    value_date: date
    description: str
    supplier_id: int | None = None
    reverses: Transaction | None = None

    def validated(self) -> "Posting":
        """The same with its lines in cents, without those of zero. Raises Unbalanced, NotPostable."""
        lines = validated(self.lines, supplier_id=self.supplier_id)
        validate_total(lines, reference=self.reference)
        validate_texts(reference=self.reference, currency=self.currency, description=self.description)
        return replace(self, lines=lines)

    def digest(self, *, counts_on: date) -> str:
        """What tells it, counting on this day, from another with the same reference. Its lines are in cents."""
        return digest(
            currency=self.currency,
            value_date=counts_on,
            original_value_date=self.original_date(counts_on),
            supplier_id=self.supplier_id,
            lines=[(line.purpose.value, line.owner, line.debit, line.credit) for line in self.lines],
            reverses_id=self.reverses.pk if self.reverses else None,
        )

    def original_date(self, counts_on: date) -> date | None:
        """Its own day, where it counts on another."""
        return None if counts_on == self.value_date else self.value_date


def validated(lines: Iterable[Line], *, supplier_id: int | None) -> list[Line]:
    """The lines in cents, without those of zero, each with the supplier of its account. Raises NotPostable."""
    found = []
    for line in lines:
        try:
            sides = validate_amount(line.debit), validate_amount(line.credit)
        except InvalidAmount as error:
            raise NotPostable(f"An amount for {line.purpose} cannot be posted: {error}.") from error
        if min(sides) < 0:
            raise NotPostable(f"An amount for {line.purpose} is less than zero: it belongs on the other side.")
        if all(sides):
            raise NotPostable(f"A line for {line.purpose} has both a debit and a credit.")
        if not any(sides):
            continue
        if not OWNER_PATTERN.fullmatch(line.owner):
            raise NotPostable(f"{line.owner!r} cannot own an account.")
        if not line.owner and line.supplier_id is not None:
            raise NotPostable(f"infactor's own {line.purpose} account cannot belong to a supplier.")
        is_own = not line.owner or line.purpose == Purpose.CASH
        owned_by = line.supplier_id if line.supplier_id is not None or is_own else supplier_id
        found.append(replace(line, debit=sides[0], credit=sides[1], supplier_id=owned_by))
    return found


def validate_total(lines: Sequence[Line], *, reference: str) -> None:
    """Raises Unbalanced unless the sides are equal, and NotPostable unless their sum is possible."""
    debits, credits = sum((line.debit for line in lines), ZERO), sum((line.credit for line in lines), ZERO)
    if debits != credits:
        raise Unbalanced(f"{reference} does not balance: debits {debits}, credits {credits}.")
    if not lines:
        raise NotPostable(f"{reference} moves no money.")
    if debits >= MAX_AMOUNT or len(lines) > MAX_LINES:
        raise NotPostable(f"{reference} is too large for one transaction.")


def validate_texts(*, reference: str, currency: str, description: str) -> None:
    """Raises NotPostable."""
    if not reference or len(reference) > MAX_REFERENCE_LENGTH:
        raise NotPostable(f"A reference has 1 to {MAX_REFERENCE_LENGTH} characters, not {len(reference)}.")
    if len(description) > MAX_DESCRIPTION_LENGTH:
        raise NotPostable(f"A description has at most {MAX_DESCRIPTION_LENGTH} characters, not {len(description)}.")
    if not is_currency(currency):
        raise NotPostable(f"{currency!r} is no currency.")
