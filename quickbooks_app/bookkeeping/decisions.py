"""Decisions of staff about one entry: write it again, mark it as done by hand, undo it, or say whose payment it is."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from infactor.core import audit
from infactor.invoices.models import Buyer
from infactor.users import roles
from infactor.users.models import User
from quickbooks_app.bookkeeping import entries
from quickbooks_app.bookkeeping.event import reversed_amounts
from quickbooks_app.bookkeeping.events import UNDO, key_of
from quickbooks_app.models import BookkeepingEntry, BookkeepingSettings, Push
from quickbooks_app.pushes.requests import BOOKKEEPING_OFF, CannotPush

DECIDE = "quickbooks_app.decide_bookkeeping"
Kind, State = BookkeepingEntry.Kind, Push.State
NOT_WRITABLE = "It is written, on its way, or marked as done."
NOT_UNDOABLE = "Only what is written and not reversed can be undone."
WAITS = "It waits for another entry, which must be in the books first."
ACCOUNTS_MISSING = gettext_noop("The accounts are still being created.")


class EntryRefused(Exception):
    """Nothing was decided. The message says why."""


def write_again(*, entry: BookkeepingEntry, by: User, at: datetime, reason: str) -> Push:
    """Request the write of an entry that failed or could not be written. Its key stays, so it is found if it is there.

    Raises NotAllowed, EntryRefused.
    """
    roles.require(by, DECIDE)
    with transaction.atomic():
        current = _locked(entry)
        if not is_stuck(current):
            raise EntryRefused(NOT_WRITABLE)
        return _request(current, by=by, at=at, reason=reason)


def mark_done(*, entry: BookkeepingEntry, by: User, at: datetime, reason: str) -> None:
    """Mark an entry as entered by hand: infactor does not write it any more. Raises NotAllowed, EntryRefused."""
    roles.require(by, DECIDE)
    with transaction.atomic():
        current = _locked(entry)
        if not is_stuck(current):
            raise EntryRefused(NOT_WRITABLE)
        current.done_by_hand_at, current.done_by_hand_by, current.note = at, by, reason[:300]
        current.blocker = ""
        current.save()
        _record("quickbooks.bookkeeping_done_by_hand", current, by=by, at=at, reason=reason)


def undo(*, entry: BookkeepingEntry, on: date, by: User, at: datetime, reason: str) -> BookkeepingEntry:
    """Undo an entry in the books by a reversing journal entry on the day `on`. infactor's ledger is not touched.

    Raises NotAllowed, EntryRefused.
    """
    roles.require(by, DECIDE)
    with transaction.atomic():
        current = _locked(entry)
        if not is_undoable(current):
            raise EntryRefused(NOT_UNDOABLE)
        if on < current.value_date:
            raise EntryRefused("It cannot be undone before the day of the entry.")
        source = f"{UNDO}{current.source}"
        reversal = BookkeepingEntry.objects.create(
            key=key_of(source=source, kind=Kind.REVERSAL),
            source=source,
            connection=current.connection,
            kind=Kind.REVERSAL,
            advance=current.advance,
            reverses=current,
            value_date=on,
            currency=current.currency,
            customer=current.customer,
            note=reason[:300],
            recorded_at=at,
            **reversed_amounts(current.amounts),
        )
        _record("quickbooks.bookkeeping_undone", current, by=by, at=at, reason=reason)
        _request(reversal, by=by, at=at, reason=reason)
    return reversal


def choose_customer(*, entry: BookkeepingEntry, buyer: Buyer, by: User, at: datetime, reason: str) -> Push:
    """Say whose payment infactor received, and write it. Raises NotAllowed, EntryRefused."""
    roles.require(by, DECIDE)
    with transaction.atomic():
        current = _locked(entry)
        if not needs_customer(current):
            raise EntryRefused(NOT_WRITABLE)
        if buyer.company_file_id != current.connection.company_file_id:
            raise EntryRefused("This customer is in the books of another company.")
        current.customer = buyer.reference
        current.save()
        BookkeepingEntry.objects.filter(reverses=current).update(customer=buyer.reference)
        return _request(current, by=by, at=at, reason=reason)


def is_stuck(entry: BookkeepingEntry) -> bool:
    """Whether somebody must act for it to be written."""
    has_failed = entry.push is not None and entry.push.state == State.FAILED
    return entry.is_open and (has_failed or bool(entry.blocker))


def is_undoable(entry: BookkeepingEntry) -> bool:
    """Whether it can be undone: it is in the books, reverses nothing, and nothing reverses it."""
    is_reversed = BookkeepingEntry.objects.filter(reverses=entry).exists()
    return entry.is_written and entry.kind != Kind.REVERSAL and not is_reversed


def needs_customer(entry: BookkeepingEntry) -> bool:
    """Whether nobody knows whose receivable it lowers."""
    return entry.is_open and bool(entry.receivables) and not entry.customer


def _request(entry: BookkeepingEntry, *, by: User, at: datetime, reason: str) -> Push:
    settings = BookkeepingSettings.objects.select_related("connection__company_file", "connection__supplier").get(
        connection=entry.connection_id
    )
    if not settings.is_on:
        raise EntryRefused(BOOKKEEPING_OFF)
    try:
        accounts = entries.request_accounts(settings=settings, at=at)
        if accounts is None:
            raise EntryRefused(ACCOUNTS_MISSING)
        push = entries.request(entry=entry, settings=settings, accounts=accounts, at=at, by=by, reason=reason)
    except CannotPush as error:
        raise EntryRefused(str(error)) from error
    if push is None:
        entry.refresh_from_db(fields=["blocker"])
        raise EntryRefused(entry.blocker or WAITS)
    return push


def _locked(entry: BookkeepingEntry) -> BookkeepingEntry:
    rows = BookkeepingEntry.objects.select_for_update(of=("self",))
    return rows.select_related("connection", "advance__invoice", "push", "reverses__push").get(pk=entry.pk)


def _record(event: str, entry: BookkeepingEntry, *, by: User, at: datetime, reason: str) -> None:
    audit.record(event=event, subject=entry, by=by, at=at, supplier_id=entry.connection.supplier_id, reason=reason)
