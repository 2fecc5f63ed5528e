"""Payment import: preview which payments of a file are new, and record the new ones one by one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from infactor.financing.collections import look_alikes, lookup, payments
from infactor.financing.collections.payment_file import PaymentRow, RowError
from infactor.financing.collections.payments import AllocationTarget, IncomingPayment
from infactor.financing.models import Advance, Collection
from infactor.financing.value_dates import InvalidValueDate
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
    """The rows of a file by what would happen to them."""

    new: Sequence[ImportedPayment] = field(default_factory=tuple)
    already_recorded: Sequence[PaymentRow] = field(default_factory=tuple)
    errors: Sequence[RowError] = field(default_factory=tuple)


@dataclass(frozen=True)
class ImportResult:
    """How many payments were recorded now or before, and which were refused."""

    recorded: int
    already_recorded: int
    refused: Sequence[RowError]


def preview(*, rows: Sequence[PaymentRow], at: datetime) -> ImportPreview:
    """Sort `rows` into new, already recorded and wrong. Nothing is written."""
    known = _recorded_keys(rows)
    new: list[ImportedPayment] = []
    already_recorded: list[PaymentRow] = []
    errors: list[RowError] = []
    advances: dict[tuple[str, str], Advance] = {}
    for row in rows:
        if row.key in known:
            already_recorded.append(row)
            continue
        try:
            payments.validate(payment=_payment(row), at=at)
            new.append(ImportedPayment(row, _find_advance(row, advances)))
        except (lookup.NoSingleMatch, payments.CollectionError, InvalidValueDate) as problem:
            errors.append(RowError(row.line, str(problem)))
    candidates = [payments.candidate(payment=_payment(one.row), targets=_targets(one)) for one in new]
    alike = look_alikes.find_all(candidates=candidates)
    certain = [one for one, found in zip(new, alike, strict=True) if not found]
    errors += [
        RowError(one.row.line, f"{found[0]} Record it by hand if it is another.")
        for one, found in zip(new, alike, strict=True)
        if found
    ]
    return ImportPreview(certain, already_recorded, errors)


def record(*, imported: Sequence[ImportedPayment], by: User, at: datetime) -> ImportResult:
    """Record each of the `imported` payments in its own transaction: a refused one does not stop the others.

    Raises NotAllowed. Importing the same file again records nothing, and the result says so.
    """
    roles.require(by, payments.RECORD_COLLECTIONS)
    recorded = already_recorded = 0
    refused: list[RowError] = []
    for payment in imported:
        try:
            _record(payment, by=by, at=at)
            recorded += 1
        except payments.AlreadyRecorded:
            already_recorded += 1
        except (payments.CollectionError, InvalidValueDate) as problem:
            refused.append(RowError(payment.row.line, str(problem)))
    return ImportResult(recorded, already_recorded, refused)


def _record(payment: ImportedPayment, *, by: User, at: datetime) -> Collection:
    return payments.record(payment=_payment(payment.row), targets=_targets(payment), by=by, at=at)


def _payment(row: PaymentRow) -> IncomingPayment:
    return IncomingPayment(
        currency=row.currency,
        amount=row.amount,
        value_date=row.value_date,
        bank_reference=row.bank_reference,
        payer=row.payer,
        remittance=row.remittance,
        source=Collection.Source.CSV,
    )


def _targets(payment: ImportedPayment) -> list[AllocationTarget]:
    return [] if payment.advance is None else [AllocationTarget(payment.row.amount, advance=payment.advance)]


def _recorded_keys(rows: Sequence[PaymentRow]) -> set[PaymentKey]:
    """The keys of the rows that are already recorded, in one query."""
    candidates = Collection.objects.filter(bank_reference__in={row.bank_reference for row in rows})
    return set(candidates.values_list("currency", "bank_reference", "value_date", "amount"))


def _find_advance(row: PaymentRow, known: dict[tuple[str, str], Advance]) -> Advance | None:
    """The advance that the row names. Each name is looked up once."""
    if not row.advance:
        return None
    name = (row.advance, row.supplier)
    if name not in known:
        known[name] = lookup.find_advance(name=row.advance, supplier=row.supplier)
    if known[name].currency != row.currency:
        raise lookup.NoSingleMatch(
            f"Advance A{known[name].pk} is in {known[name].currency}, the payment in {row.currency}."
        )
    return known[name]
