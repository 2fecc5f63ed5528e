"""Matches: which entries of the books a line of a statement confirms, and what a person says of a line."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from infactor.banking import cash, open_accounts
from infactor.banking.errors import BankingError
from infactor.banking.models import HouseAccount, LineMatch, Movement, StatementLine
from infactor.core.transitions import move, move_all
from infactor.ledger.models import Entry, Purpose
from infactor.users.models import User

Status = StatementLine.Status
OPEN = (Status.WAITING, Status.DEBIT)


def lock_open(*, line: StatementLine) -> StatementLine:
    """The line as it is now, locked. Raises BankingError if it is decided already."""
    current: StatementLine = (
        StatementLine.objects.select_for_update(of=("self",)).select_related("account").get(pk=line.pk)
    )
    if current.status not in OPEN:
        raise BankingError(f"{current} is {current.get_status_display().lower()} already.")
    return current


def link(*, line: StatementLine, entries: Sequence[Entry], by: User | None, at: datetime) -> StatementLine:
    """Say that `line` confirms `entries`, which come to its amount. The caller has the right. Raises BankingError."""
    with transaction.atomic():
        current = lock_open(line=line)
        own = {
            one.pk: one for one in cash.entries_on(account=current.account).filter(pk__in=[one.pk for one in entries])
        }
        if not entries or len(own) != len({one.pk for one in entries}):
            raise BankingError(f"Choose entries of {current.account}.")
        total = sum((one.debit - one.credit for one in own.values()), Decimal(0))
        if total != current.amount:
            raise BankingError(f"These entries come to {total:,.2f}, the line to {current.amount:,.2f}.")
        try:
            with transaction.atomic():
                LineMatch.objects.bulk_create(
                    LineMatch(line=current, entry=one, matched_by=by, matched_at=at) for one in own.values()
                )
        except IntegrityError as error:
            raise BankingError("Another line confirms one of these entries already.") from error
        return _decide(current, Status.MATCHED, by=by, at=at)


def lock_all_open(*, lines: Sequence[StatementLine]) -> list[StatementLine]:
    """Those of `lines` that are not decided yet, as they are now, locked in the order of their keys."""
    rows = StatementLine.objects.select_for_update(of=("self",)).select_related("account").order_by("pk")
    return list(rows.filter(pk__in=[one.pk for one in lines], status__in=OPEN))


def link_each(*, pairs: Sequence[tuple[StatementLine, Entry]], by: User | None, at: datetime) -> None:
    """`link` for many lines that the caller has locked, each with the one new entry that it confirms: all or none.

    Raises BankingError.
    """
    for line, entry in pairs:
        own = (Purpose.CASH, line.account.ledger_owner, line.account.currency)
        if (entry.account.purpose, entry.account.owner, entry.account.currency) != own:
            raise BankingError(f"Choose entries of {line.account}.")
        if entry.debit - entry.credit != line.amount:
            raise BankingError(
                f"This entry comes to {entry.debit - entry.credit:,.2f}, the line to {line.amount:,.2f}."
            )
    with transaction.atomic():
        LineMatch.objects.bulk_create(
            LineMatch(line=line, entry=entry, matched_by=by, matched_at=at) for line, entry in pairs
        )
        move_all(
            [line for line, _ in pairs],
            to=Status.MATCHED,
            transitions=StatementLine.TRANSITIONS,
            by=by,
            at=at,
            changes=lambda _: {"decided_by": by, "decided_at": at},
            are_locked=True,
        )


def unlink(*, line: StatementLine, reason: str, by: User | None, at: datetime) -> StatementLine:
    """Take back what was said of a line: it is to be matched, or to be explained, again. The caller has the right.

    Raises AccountClosed: on a closed account it would stay open.
    """
    with transaction.atomic():
        open_accounts.lock(account=HouseAccount(pk=line.account_id))
        current = StatementLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
        LineMatch.objects.filter(line=current).delete()
        to = Status.WAITING if current.amount > 0 else Status.DEBIT
        changes = {"same_as": None, "note": "", "decided_by": None, "decided_at": None}
        return move(current, to=to, transitions=StatementLine.TRANSITIONS, by=by, at=at, reason=reason, changes=changes)


def line_of(*, entry: Entry) -> StatementLine | None:
    """The line that confirms `entry`, with its account; None where none does."""
    match = LineMatch.objects.select_related("line__account").filter(entry=entry).first()
    return None if match is None else match.line


def replace(*, entry: Entry, by_entry: Entry, reason: str, by: User | None, at: datetime) -> StatementLine | None:
    """Let the line that confirms `entry`, which was reversed, confirm what was posted instead. None: no line does.

    Raises BankingError where the other entry is not as much on the same account.
    """
    with transaction.atomic():
        line = line_of(entry=entry)
        if line is None:
            return None
        others = [one.entry for one in line.matches.exclude(entry=entry).select_related("entry")]
        unlink(line=line, reason=reason, by=by, at=at)
        return link(line=line, entries=[*others, by_entry], by=by, at=at)


def mark_duplicate(
    *, line: StatementLine, same_as: StatementLine, reason: str, by: User, at: datetime
) -> StatementLine:
    """Say that a line is another one once more: it counts no longer. The caller has the right. Raises BankingError."""
    with transaction.atomic():
        current = lock_open(line=line)
        if same_as.pk == current.pk or same_as.account_id != current.account_id or same_as.amount != current.amount:
            raise BankingError("The other line is of the same account and has the same amount.")
        if same_as.status == Status.DUPLICATE:
            raise BankingError(f"{same_as} is itself marked as the same as another line.")
        changes = {"same_as": same_as, "note": reason[:300]}
        return _decide(current, Status.DUPLICATE, by=by, at=at, reason=reason, changes=changes)


def unconfirmed_entries(
    *, account: HouseAccount, until: date | None = None, with_undone: bool = False
) -> QuerySet[Any]:
    """Entries on the account that no line confirms, with `moved`. An entry and its reversal take each other away.

    With `until`, as of the end of that day: what is posted or confirmed for later days counts as not there.
    `with_undone` leaves both in: the bank has lines for money that came back before its statement was imported.
    """
    rows = cash.entries_on(account=account)
    # The bank states an opening balance as a balance, not as a line; nor one that was withdrawn, and its reversal.
    openings = [one.reference for one in account.movements.filter(kind=Movement.Kind.OPENING)]
    if openings:
        rows = rows.exclude(Q(transaction__reference__in=openings) | Q(transaction__reverses__reference__in=openings))
    lines = LineMatch.objects.filter(entry=OuterRef("pk"))
    partner = Entry.objects.filter(account=OuterRef("account"), bank_match=None)
    if until is not None:
        rows = rows.filter(transaction__value_date__lte=until)
        lines = lines.filter(line__booking_date__lte=until)
        partner = partner.filter(transaction__value_date__lte=until)
    reversed_too = partner.filter(transaction__reverses=OuterRef("transaction"))
    original_too = partner.filter(transaction__reversed_by=OuterRef("transaction"))
    rows = rows.filter(~Exists(lines))
    if not with_undone:
        rows = rows.exclude(Q(bank_match=None) & (Exists(reversed_too) | Exists(original_too)))
    return rows.select_related("transaction", "account")


def _decide(
    line: StatementLine,
    status: str,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
    changes: dict[str, object] | None = None,
) -> StatementLine:
    written = {"decided_by": by, "decided_at": at, **(changes or {})}
    return move(line, to=status, transitions=StatementLine.TRANSITIONS, by=by, at=at, reason=reason, changes=written)
