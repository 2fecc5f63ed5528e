"""Payments out of a file: which are new, which are recorded, and recording the new ones, each by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from infactor.financing.collections import lookup
from infactor.financing.collections import payments as collections
from infactor.financing.collections.payment_file import Mistake, Row
from infactor.financing.collections.payments import Arrival, Target
from infactor.financing.models import Advance, Collection
from infactor.financing.value_dates import ValueDateRefused, checked
from infactor.users import roles
from infactor.users.models import User

Key = tuple[str, str, date, Decimal]


@dataclass(frozen=True)
class Payment:
    """A row and the advance that it names, if any."""

    row: Row
    advance: Advance | None = None


@dataclass(frozen=True)
class Sorted:
    """The rows of a file by what would become of them."""

    new: Sequence[Payment] = field(default_factory=tuple)
    before: Sequence[Row] = field(default_factory=tuple)
    wrong: Sequence[Mistake] = field(default_factory=tuple)


@dataclass(frozen=True)
class Result:
    """What was recorded, what somebody had recorded before, and what was refused."""

    recorded: int
    before: int
    refused: Sequence[Mistake]


def sort(*, rows: Sequence[Row], at: datetime) -> Sorted:
    """What each of `rows` is: new, recorded already, or wrong. Nothing is written."""
    known = _recorded(rows)
    new: list[Payment] = []
    before: list[Row] = []
    wrong: list[Mistake] = []
    names: dict[tuple[str, str], Advance] = {}
    for row in rows:
        if row.key in known:
            before.append(row)
            continue
        try:
            checked(row.value_date, at=at)
            new.append(Payment(row, _named(row, names)))
        except (lookup.NotNamed, ValueDateRefused) as problem:
            wrong.append(Mistake(row.line, str(problem)))
    return Sorted(new, before, wrong)


def record(*, payments: Sequence[Payment], by: User, at: datetime) -> Result:
    """Record each of `payments` in a transaction of its own: one that is refused holds no other up.

    Raises NotAllowed. The same file once more records nothing, and says so.
    """
    roles.require(by, collections.RECORD)
    recorded = before = 0
    refused: list[Mistake] = []
    for payment in payments:
        try:
            _record(payment, by=by, at=at)
            recorded += 1
        except collections.RecordedBefore:
            before += 1
        except (collections.CollectionRefused, ValueDateRefused) as problem:
            refused.append(Mistake(payment.row.line, str(problem)))
    return Result(recorded, before, refused)


def _record(payment: Payment, *, by: User, at: datetime) -> Collection:
    row = payment.row
    return collections.record(
        arrival=Arrival(
            currency=row.currency,
            amount=row.amount,
            value_date=row.value_date,
            bank_reference=row.bank_reference,
            payer=row.payer,
            remittance=row.remittance,
            source=Collection.Source.CSV,
        ),
        targets=[Target(row.amount, advance=payment.advance)] if payment.advance is not None else [],
        by=by,
        at=at,
    )


def _recorded(rows: Sequence[Row]) -> set[Key]:
    """Those that are recorded already, in one query."""
    same = Collection.objects.filter(bank_reference__in={row.bank_reference for row in rows})
    return set(same.values_list("currency", "bank_reference", "value_date", "amount"))


def _named(row: Row, names: dict[tuple[str, str], Advance]) -> Advance | None:
    """The advance that the row names; each name is looked up once."""
    if not row.advance:
        return None
    name = (row.advance, row.supplier)
    if name not in names:
        names[name] = lookup.advance(named=row.advance, supplier=row.supplier)
    if names[name].currency != row.currency:
        raise lookup.NotNamed(f"Advance A{names[name].pk} is in {names[name].currency}, the payment in {row.currency}.")
    return names[name]
