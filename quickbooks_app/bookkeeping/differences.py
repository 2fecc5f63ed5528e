"""Differences between an account in QuickBooks and infactor: a line with a reason for each part of it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_noop

from quickbooks_app.bookkeeping.events import UNDO
from quickbooks_app.bookkeeping.general_ledger import LedgerLine, total
from quickbooks_app.models import BookkeepingDifference, BookkeepingEntry

Kind = BookkeepingDifference.Kind
MAX_LINES = 200  # of somebody else; further ones are one line
EARLIER = gettext_noop("Everything in this account from before the start date.")
FURTHER = gettext_noop("{count} further transactions of somebody else.")
ELSEWHERE = gettext_noop("It is written to an account that is no longer the chosen one.")


def explain(
    *,
    role: str,
    account_id: str,
    difference: Decimal,
    ledger: Sequence[LedgerLine],
    entries: Iterable[BookkeepingEntry],
    start_on: date,
) -> list[BookkeepingDifference]:
    """The lines that add up to `difference`: QuickBooks' balance of the account less infactor's, a debit above zero.

    `entries` are all of the company; `ledger` is QuickBooks' general ledger of the account.
    """
    rest: dict[str, list[LedgerLine]] = defaultdict(list)
    for line in ledger:
        rest[line.qbk_id].append(line)
    lines: list[BookkeepingDifference] = []
    for entry in entries:
        found = rest.get(entry.push.qbk_id, []) if entry.is_written and entry.push is not None else []
        own = [line for line in found if _is_of(line, entry)]
        found[:] = [line for line in found if not _is_of(line, entry)]
        lines += _of_entry(role, account_id, entry, own)
    lines += _of_others(role, [line for line in ledger if line in rest[line.qbk_id]], start_on=start_on)
    if left := difference - sum((line.amount for line in lines), Decimal(0)):
        lines.append(BookkeepingDifference(role=role, kind=Kind.UNEXPLAINED, amount=left))
    return lines


def _is_of(line: LedgerLine, entry: BookkeepingEntry) -> bool:
    return entry.push is not None and line.entity in ("", entry.push.entity)


def _of_entry(
    role: str, account_id: str, entry: BookkeepingEntry, own: Sequence[LedgerLine]
) -> Iterator[BookkeepingDifference]:
    expected, actual = getattr(entry, role), total(own)
    is_undo = entry.source.startswith(UNDO)

    def line(kind: str, amount: Decimal, explanation: str) -> BookkeepingDifference:
        push = entry.push
        return BookkeepingDifference(
            role=role,
            kind=kind,
            amount=amount,
            entry=entry,
            entity=push.entity if push else "",
            qbk_id=push.qbk_id if push else "",
            day=entry.value_date,
            explanation=explanation[:400],
        )

    if entry.is_written:
        if is_undo and expected:
            yield line(Kind.UNDONE, expected, entry.note)
        if actual == expected:
            return
        if own:
            yield line(Kind.CHANGED, actual - expected, f"infactor wrote {expected:,.2f}, now it is {actual:,.2f}.")
        else:
            is_elsewhere = entry.push is not None and f'"{account_id}"' not in entry.push.fields
            yield line(Kind.DELETED, -expected, ELSEWHERE if is_elsewhere else "")
    elif expected and not is_undo:
        if entry.done_by_hand_at is not None:
            yield line(Kind.BY_HAND, -expected, entry.note)
        elif entry.blocker or (entry.push is not None and entry.push.state == entry.push.State.FAILED):
            yield line(Kind.FAILED, -expected, entry.blocker or (entry.push.error if entry.push else ""))
        else:
            yield line(Kind.NOT_WRITTEN, -expected, "")


def _of_others(role: str, rest: Sequence[LedgerLine], *, start_on: date) -> Iterator[BookkeepingDifference]:
    """Lines of somebody else: those from before the start date together, the others one by one."""
    earlier = [line for line in rest if line.day is None or line.day < start_on]
    later = [line for line in rest if line.day is not None and line.day >= start_on]
    if amount := total(earlier):
        yield BookkeepingDifference(role=role, kind=Kind.UNKNOWN, amount=amount, explanation=EARLIER)
    for one in later[:MAX_LINES]:
        name = f"{one.type} {one.number}".strip()
        yield BookkeepingDifference(
            role=role,
            kind=Kind.UNKNOWN,
            amount=one.amount,
            entity=one.type[:40],
            qbk_id=one.qbk_id[:64],
            day=one.day,
            explanation=f"{name}, which infactor has not written.",
        )
    if further := later[MAX_LINES:]:
        text = FURTHER.format(count=len(further))
        yield BookkeepingDifference(role=role, kind=Kind.UNKNOWN, amount=total(further), explanation=text)
