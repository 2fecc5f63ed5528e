"""Reconciliation: for a house account and a day, the book balance, the bank's balance and what makes the difference."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import F, QuerySet, Sum

from infactor.banking import cash, matches
from infactor.banking.models import HouseAccount, Movement, Statement, StatementLine
from infactor.ledger.models import ZERO, Entry


@dataclass(frozen=True)
class Item:
    """What makes `amount` of the difference between the books and the bank: a line, an entry, or neither."""

    text: str
    day: date
    amount: Decimal
    line: StatementLine | None = None
    entry: Entry | None = None


@dataclass(frozen=True)
class Reconciliation:
    """An account at the end of `on`. `book` less `bank` is the sum of `items`. `stated_on`: the day of the bank's word.

    Without any balance of the bank, `bank` is the opening balance with the lines. None: no statement reaches here yet.
    """

    account: HouseAccount
    on: date
    book: Decimal
    bank: Decimal | None
    stated_on: date | None
    items: list[Item] = field(default_factory=list)

    @property
    def difference(self) -> Decimal:
        """What the books say more than the bank."""
        return ZERO if self.bank is None else self.book - self.bank

    @property
    def unexplained(self) -> Decimal:
        """What of the difference neither a line nor an entry explains."""
        return sum((one.amount for one in self.items if one.line is None and one.entry is None), ZERO)


def reconcile(*, account: HouseAccount, on: date) -> Reconciliation:
    """Compare the books of `account` with its statements at the end of a day. Nothing is written.

    Books count by value date, statements by booking date. Everything up to the day of the opening balance is in it.
    """
    opening = account.movements.filter(withdrawn_at=None, kind=Movement.Kind.OPENING, value_date__lte=on).first()
    since = opening.value_date if opening is not None else date.min
    entries = cash.entries_on(account=account).filter(transaction__value_date__lte=on)
    book = cash.sum_of(entries)
    lines = counted_lines(account).filter(booking_date__gt=since)
    if not Statement.objects.filter(account=account).exists():
        return Reconciliation(account, on, book, None, None)
    base = ZERO
    if opening is not None:
        # The bank's balance of that day: what the books said then, with the posting of what was missing.
        before = entries.filter(transaction__value_date__lte=since, transaction__posted_at__lte=opening.recorded_at)
        base = cash.sum_of(before)
    expected = base + _sum(lines.filter(booking_date__lte=on))
    stated = last_balance(account=account, on=on)
    if stated is not None and stated.to_date is not None and stated.closing_balance is not None:
        bank = stated.closing_balance + _sum(lines.filter(booking_date__gt=stated.to_date, booking_date__lte=on))
    else:
        bank = expected
    items = [*_open_lines(lines, on=on), *_unconfirmed(account, opening=opening, on=on)]
    if expected != bank:
        text = "The bank's balance does not follow from its lines: lines are missing, or an opening balance."
        items.append(Item(text, on, expected - bank))
    return Reconciliation(account, on, book, bank, stated.to_date if stated is not None else None, items)


def last_balance(*, account: HouseAccount, on: date) -> Statement | None:
    """The statement with the last balance that the bank states up to a day; of several on that day, the last page."""
    stated = Statement.objects.filter(account=account, closing_balance__isnull=False, to_date__lte=on)
    newest = stated.order_by("-to_date", "-pk").first()
    if newest is None:
        return None
    return last_page(list(stated.filter(to_date=newest.to_date).order_by("-pk")))


def last_page(same_day: Sequence[Statement]) -> Statement:
    """Of the statements that end on one day, the newest row first, the one that no other continues."""
    continued = {one.opening_balance for one in same_day if one.opening_balance != one.closing_balance}
    return next((one for one in same_day if one.closing_balance not in continued), same_day[0])


def open_lines(*, account: HouseAccount) -> QuerySet[StatementLine]:
    """The lines after the opening balance that the books do not have yet."""
    opening = account.movements.filter(withdrawn_at=None, kind=Movement.Kind.OPENING).first()
    since = opening.value_date if opening is not None else date.min
    return counted_lines(account).filter(booking_date__gt=since).exclude(status=StatementLine.Status.MATCHED)


def counted_lines(account: HouseAccount) -> QuerySet[StatementLine]:
    """The lines of an account that count, once each."""
    return StatementLine.objects.filter(account=account).exclude(status=StatementLine.Status.DUPLICATE)


def _sum(lines: QuerySet[StatementLine]) -> Decimal:
    return Decimal(lines.order_by().aggregate(sum=Sum("amount", default=ZERO))["sum"])


def _open_lines(lines: QuerySet[StatementLine], *, on: date) -> Iterable[Item]:
    """Lines that the books do not have, or have on a later day."""
    booked = lines.filter(booking_date__lte=on).order_by("booking_date", "pk")
    for line in booked.exclude(status=StatementLine.Status.MATCHED):
        yield Item(f"{line.get_status_display()}", line.booking_date, -line.amount, line=line)
    later = booked.filter(matches__entry__transaction__value_date__gt=on).annotate(
        moved=F("matches__entry__debit") - F("matches__entry__credit")
    )
    for line in later:
        yield Item("In the books by a later value date", line.booking_date, -line.moved, line=line)


def _unconfirmed(account: HouseAccount, *, opening: Movement | None, on: date) -> Iterable[Item]:
    """Entries that no line up to the day confirms; of those up to the opening balance, what was posted after it."""
    rows = matches.unconfirmed_entries(account=account, until=on).order_by("transaction__value_date", "pk")
    for entry in rows:
        posted = entry.transaction
        if opening is not None and posted.value_date <= opening.value_date and posted.posted_at <= opening.recorded_at:
            continue
        text = posted.description or posted.reference
        yield Item(f"Not on a statement: {text}", posted.value_date, entry.debit - entry.credit, entry=entry)
