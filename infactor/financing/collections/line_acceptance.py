"""Acceptance of statement lines: a credit becomes a payment, or a line confirms what the books have already."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import structlog
from django.db import DataError, IntegrityError, transaction

from infactor.banking import matches, movements
from infactor.banking.errors import BankingError
from infactor.banking.models import StatementLine
from infactor.core.transitions import TransitionNotAllowed
from infactor.financing import locks
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget, CollectionError, IncomingPayment
from infactor.financing.models import Advance, Collection
from infactor.financing.money_out import bank_lines
from infactor.financing.value_dates import InvalidValueDate
from infactor.ledger.balances import balances_by_owner
from infactor.ledger.models import Entry, Purpose
from infactor.ledger.posting import NotPostable, ReferenceReused
from infactor.users import roles
from infactor.users.models import User

log = structlog.get_logger(__name__)

# What no check foresaw about one line must not stop the lines behind it.
UNFORESEEN = (IntegrityError, DataError, BankingError, TransitionNotAllowed, NotPostable, ReferenceReused)


def record_line(
    *,
    line: StatementLine,
    targets: Sequence[AllocationTarget],
    by: User,
    at: datetime,
    is_another: bool = False,
) -> Collection:
    """Record a credit of a statement as a payment, allocated as far as `targets` say; the rest waits to be matched.

    Raises what payments.record raises.
    """
    if line.amount < 0:
        raise CollectionError("This line is a debit.")
    return payments.record(payment=payment_of(line=line), targets=targets, by=by, at=at, is_another=is_another)


def payment_of(*, line: StatementLine) -> IncomingPayment:
    """The payment that a credit of a statement is."""
    return IncomingPayment(
        currency=line.account.currency,
        amount=line.amount,
        value_date=line.value_date,
        bank_reference=line.reference or line.entry_id or f"statement line {line.pk}",
        payer=line.payer,
        remittance=line.remittance[:500],
        statement_line=line,
    )


def accept_certain(*, line: StatementLine, targets: Mapping[int, Decimal], by: User, at: datetime) -> bool:
    """Record a line for the advances of its certain proposal, if each still is open with exactly that amount.

    False: it is no longer certain, or something unforeseen stopped it, and a person decides. Raises NotAllowed.
    """
    roles.require(by, payments.RECORD_COLLECTIONS)
    try:
        with transaction.atomic():
            advances = list(Advance.objects.filter(pk__in=targets).select_related("supplier", "invoice"))
            for supplier_id in sorted({one.supplier_id for one in advances}):
                locks.lock_supplier_and_debtors(supplier_id=supplier_id)
            parts = [AllocationTarget(targets[one.pk], advance=one) for one in advances]
            owed = balances_by_owner(purpose=Purpose.RECEIVABLE, owners=[one.ledger_owner for one in advances])
            open_ = {one.pk: owed[one.ledger_owner] for one in advances}
            if open_ != dict(targets) or sum(targets.values(), Decimal(0)) != line.amount:
                return False
            record_line(line=line, targets=parts, by=by, at=at)
            return True
    except (CollectionError, InvalidValueDate):
        return False
    except UNFORESEEN:
        log.exception("line_not_accepted", line=line.pk)
        return False


def confirm_booked(*, line: StatementLine, entries: Sequence[Entry], by: User, at: datetime) -> StatementLine:
    """Say that a line confirms what the books have already. Raises NotAllowed, BankingError."""
    roles.require(by, payments.RECORD_COLLECTIONS)
    return matches.link(line=line, entries=entries, by=by, at=at)


def mark_duplicate(
    *, line: StatementLine, same_as: StatementLine, reason: str, by: User, at: datetime
) -> StatementLine:
    """Say that a line is another line once more. Raises NotAllowed, BankingError."""
    roles.require(by, payments.RECORD_COLLECTIONS)
    return matches.mark_duplicate(line=line, same_as=same_as, reason=reason, by=by, at=at)


def reopen_line(*, line: StatementLine, reason: str, by: User, at: datetime) -> StatementLine:
    """Take back that a line is another one, or what it confirms or explains. Raises NotAllowed, BankingError.

    A movement that was recorded to explain the line is withdrawn: explained again, it would count twice.
    """
    roles.require(by, payments.RECORD_COLLECTIONS)
    if Collection.objects.filter(statement_line=line).exists():
        raise BankingError("A payment is recorded by this line. Withdraw that payment if it is none.")
    if bank_lines.take_back(line=line, reason=reason, by=by, at=at):
        return StatementLine.objects.get(pk=line.pk)
    if (movement := movements.explained_by(line=line)) is not None:
        movements.withdraw(movement=movement, reason=reason, by=by, at=at)
        return StatementLine.objects.get(pk=line.pk)
    return matches.unlink(line=line, reason=reason, by=by, at=at)
