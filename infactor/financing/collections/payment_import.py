"""Payments out of a file: which are new, which are recorded, and recording the new ones, each by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from infactor.financing.collections import lookup
from infactor.financing.collections import payments as collections
from infactor.financing.collections.payment_file import PaymentRow, RowError
from infactor.financing.collections.payments import AllocationTarget, IncomingPayment
from infactor.financing.models import Advance, Collection
from infactor.financing.value_dates import InvalidValueDate, validate_value_date
from infactor.users import roles
from infactor.users.models import User

PaymentKey = tuple[str, str, date, Decimal]


@dataclass(frozen=True)
class ImportedPayment:
    """A row and the advance that it names, if any."""

    row: PaymentRow
    advance: Advance | None = None


@dataclass(frozen=True)
class ImportPreview:
    """The rows of a file by what would become of them."""

    new: Sequence[ImportedPayment] = field(default_factory=tuple)
    already_recorded: Sequence[PaymentRow] = field(default_factory=tuple)
    errors: Sequence[RowError] = field(default_factory=tuple)


@dataclass(frozen=True)
class ImportResult:
    """What was recorded, what somebody had recorded before, and what was refused."""

    recorded: int
    already_recorded: int
    refused: Sequence[RowError]


def preview(*, rows: Sequence[PaymentRow], at: datetime) -> ImportPreview:
    """What each of `rows` is: new, recorded already, or wrong. Nothing is written."""
    known = _recorded_keys(rows)
    new: list[ImportedPayment] = []
    before: list[PaymentRow] = []
    wrong: list[RowError] = []
    names: dict[tuple[str, str], Advance] = {}
    for row in rows:
        if row.key in known:
            before.append(row)
            continue
        try:
            validate_value_date(row.value_date, at=at)
            new.append(ImportedPayment(row, _find_advance(row, names)))
        except (lookup.NoSingleMatch, InvalidValueDate) as problem:
            wrong.append(RowError(row.line, str(problem)))
    return ImportPreview(new, before, wrong)


def record(*, payments: Sequence[ImportedPayment], by: User, at: datetime) -> ImportResult:
    """Record each of `payments` in a transaction of its own: one that is refused holds no other up.

    Raises NotAllowed. The same file once more records nothing, and says so.
    """
    roles.require(by, collections.RECORD)
    recorded = before = 0
    refused: list[RowError] = []
    for payment in payments:
        try:
            _record(payment, by=by, at=at)
            recorded += 1
        except collections.AlreadyRecorded:
            before += 1
        except (collections.CollectionError, InvalidValueDate) as problem:
            refused.append(RowError(payment.row.line, str(problem)))
    return ImportResult(recorded, before, refused)


def _record(payment: ImportedPayment, *, by: User, at: datetime) -> Collection:
    row = payment.row
    return collections.record(
        payment=IncomingPayment(
            currency=row.currency,
            amount=row.amount,
            value_date=row.value_date,
            bank_reference=row.bank_reference,
            payer=row.payer,
            remittance=row.remittance,
            source=Collection.Source.CSV,
        ),
        targets=[AllocationTarget(row.amount, advance=payment.advance)] if payment.advance is not None else [],
        by=by,
        at=at,
    )


def _recorded_keys(rows: Sequence[PaymentRow]) -> set[PaymentKey]:
    """Those that are recorded already, in one query."""
    same = Collection.objects.filter(bank_reference__in={row.bank_reference for row in rows})
    return set(same.values_list("currency", "bank_reference", "value_date", "amount"))


def _find_advance(row: PaymentRow, names: dict[tuple[str, str], Advance]) -> Advance | None:
    """The advance that the row names; each name is looked up once."""
    if not row.advance:
        return None
    name = (row.advance, row.supplier)
    if name not in names:
        names[name] = lookup.find_advance(name=row.advance, supplier=row.supplier)
    if names[name].currency != row.currency:
        raise lookup.NoSingleMatch(
            f"Advance A{names[name].pk} is in {names[name].currency}, the payment in {row.currency}."
        )
    return names[name]
