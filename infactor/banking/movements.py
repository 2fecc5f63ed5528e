"""Movements: capital, credit facility, bank charges, interest and transfers, posted to the ledger, or withdrawn."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

from infactor.banking import cash, matches, open_accounts
from infactor.banking.errors import BankingError
from infactor.banking.models import HouseAccount, Movement, StatementLine
from infactor.core import audit, reasons
from infactor.core.business_day import business_day
from infactor.core.money import InvalidAmount, validate_amount
from infactor.ledger import posting
from infactor.ledger.models import Purpose, Transaction
from infactor.ledger.posting import Line
from infactor.users import roles
from infactor.users.models import User

KEEP_HOUSE_ACCOUNTS = "banking.keep_house_accounts"
MAX_UTC_OFFSET = timedelta(hours=14)  # a bank abroad may date its line tomorrow already


def record(
    *,
    account: HouseAccount,
    kind: str,
    amount: Decimal,
    value_date: date,
    note: str,
    by: User,
    at: datetime,
    other_account: HouseAccount | None = None,
    line: StatementLine | None = None,
) -> Movement:
    """Record and post a movement of `amount` in the account's currency, below zero for money out.

    With the `line` of a statement that it explains, which then is in the books. Raises NotAllowed, BankingError.
    """
    roles.require(by, KEEP_HOUSE_ACCOUNTS)
    try:
        valid = validate_amount(amount, account.currency)
    except InvalidAmount as error:
        raise BankingError(f"This is not an amount of money: {error}.") from error
    if not valid:
        raise BankingError("Enter an amount that is not zero.")
    if value_date > (business_day(at) if line is None else (at + MAX_UTC_OFFSET).date()):
        raise BankingError("This day has not come yet.")
    if (kind == Movement.Kind.TRANSFER) != (other_account is not None):
        raise BankingError("Name the other account for a transfer, and for nothing else.")
    if other_account is not None and (other_account.pk == account.pk or other_account.currency != account.currency):
        raise BankingError(f"Choose another house account in {account.currency} for a transfer.")
    with transaction.atomic():
        open_accounts.lock_each(accounts=[account, other_account])
        try:
            with transaction.atomic():
                movement = Movement.objects.create(
                    account=account,
                    kind=kind,
                    amount=valid,
                    other_account=other_account,
                    value_date=value_date,
                    note=note.strip()[:200],
                    recorded_by=by,
                    recorded_at=at,
                    line=line,
                )
        except IntegrityError as error:
            if "one_opening_balance" not in str(error):
                raise
            raise BankingError("The opening balance of this account is posted already.") from error
        try:
            posted = posting.post(
                reference=movement.reference,
                currency=account.currency,
                lines=_lines(movement),
                value_date=value_date,
                at=at,
                by=by,
                description=f"{movement.get_kind_display()}: {account.name}"[:200],
                may_move=kind != Movement.Kind.OPENING,  # it is the balance of its day, so it counts on no other
            )
        except posting.PeriodClosed as error:
            raise BankingError(str(error)) from error
        audit.record(event="movement.recorded", subject=movement, by=by, at=at, details={"kind": kind})
        if line is not None:
            matches.link(line=line, entries=cash.entries_of(transaction=posted, account=account), by=by, at=at)
        return movement


def withdraw(*, movement: Movement, reason: str, by: User, at: datetime) -> Movement:
    """Take back a movement that never happened, or was recorded as the wrong kind or with the wrong amount.

    Its posting is reversed for the same value date (in a closed month: for the first open day), and a line that
    confirms it is open again. Raises NotAllowed, ReasonMissing, BankingError (withdrawn before).
    """
    roles.require(by, KEEP_HOUSE_ACCOUNTS)
    text = reasons.require_reason(reason)[:300]
    with transaction.atomic():
        current = (
            Movement.objects.select_for_update(of=("self",))
            .select_related("account", "other_account")
            .get(pk=movement.pk)
        )
        if current.withdrawn_at is not None:
            raise BankingError("This movement is withdrawn already.")
        open_accounts.lock_each(accounts=[current.account, current.other_account])
        posted = Transaction.objects.get(reference=current.reference)
        confirmed = StatementLine.objects.filter(matches__entry__transaction=posted).order_by("pk").distinct()
        for line in confirmed:
            matches.unlink(line=line, reason=text, by=by, at=at)
        posting.reverse(
            transaction=posted,
            value_date=current.value_date,
            at=at,
            by=by,
            description=f"Withdrawn: {posted.description}"[:200],
        )
        current.withdrawn_at, current.withdrawn_by, current.withdrawal_reason = at, by, text
        current.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason", "updated_at"])
        audit.record(event="movement.withdrawn", subject=current, by=by, at=at, details={"reason": text})
        return current


def explained_by(*, line: StatementLine) -> Movement | None:
    """The movement that was recorded to explain `line`, unless it is withdrawn."""
    return Movement.objects.filter(line=line, withdrawn_at=None).first()


def _lines(movement: Movement) -> Sequence[Line]:
    amount, is_in = abs(movement.amount), movement.amount > 0
    sides = (posting.debit, posting.credit) if is_in else (posting.credit, posting.debit)
    purpose, owner = _other_side(movement)
    return [sides[0](Purpose.CASH, amount, owner=movement.account.ledger_owner), sides[1](purpose, amount, owner=owner)]


def _other_side(movement: Movement) -> tuple[Purpose, str]:
    """The account in the ledger against which the movement is posted, as purpose and owner."""
    if movement.other_account is not None:
        return Purpose.CASH, movement.other_account.ledger_owner
    interest = Purpose.INTEREST_INCOME if movement.amount > 0 else Purpose.INTEREST_EXPENSE
    purposes = {
        Movement.Kind.OPENING: Purpose.CAPITAL,
        Movement.Kind.CAPITAL: Purpose.CAPITAL,
        Movement.Kind.FACILITY: Purpose.CREDIT_FACILITY,
        Movement.Kind.CHARGE: Purpose.BANK_CHARGES,
        Movement.Kind.INTEREST: interest,
    }
    return purposes[Movement.Kind(movement.kind)], ""
