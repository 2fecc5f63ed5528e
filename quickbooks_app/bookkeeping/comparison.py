"""The daily comparison of "infactor advances" and "due from infactor" in QuickBooks with what infactor has."""

from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.utils.translation import gettext_noop

from quickbooks_app.api.session import ApiSession, save_calls, take_calls
from quickbooks_app.bookkeeping import differences, entries, general_ledger
from quickbooks_app.bookkeeping.events import find_events, totals
from quickbooks_app.bookkeeping.general_ledger import LedgerLine, parse_general_ledger
from quickbooks_app.completeness import report_calls
from quickbooks_app.completeness.report_table import UnreadableReport
from quickbooks_app.errors import QuickBooksError, Transient
from quickbooks_app.models import (
    BookkeepingAccount,
    BookkeepingComparison,
    BookkeepingDifference,
    BookkeepingEntry,
    BookkeepingSettings,
)

Role = BookkeepingAccount.Role
COMPARED = (Role.ADVANCES, Role.DUE)
AGAIN_AFTER = timedelta(hours=3)  # after a comparison that failed
KEPT = timedelta(days=400)
OTHER_CURRENCY = gettext_noop(
    "The accounts are in {currency}, and QuickBooks' reports in {home}: they cannot be compared."
)
NOT_CREATED = gettext_noop("The accounts are not created yet.")


def due_connection_ids(*, at: datetime) -> list[int]:
    """The companies that were not compared today, or not successfully and some hours ago."""
    due = []
    for settings in entries.active_settings():
        last = BookkeepingComparison.objects.filter(
            connection=settings.connection, compared_on=_today(settings, at=at)
        ).first()
        has_failed = last is not None and last.state == BookkeepingComparison.State.FAILED
        if last is None or (has_failed and last.compared_at <= at - AGAIN_AFTER):
            due.append(settings.connection_id)
    return due


def compare(*, connection_id: int, now: Callable[[], datetime]) -> BookkeepingComparison | None:
    """Compare one company, and keep the result as that of the day. None if its bookkeeping is off.

    Never raises QuickBooksError: the row says in words why it was not compared.
    """
    settings = entries.active_settings().filter(connection=connection_id).first()
    if settings is None:
        return None
    entries.record(settings=settings, at=now())
    ids = entries.request_accounts(settings=settings, at=now())
    home = settings.connection.company_file.home_currency
    if ids is None:
        return _save(settings, at=now(), error=NOT_CREATED)
    if settings.currency != home:
        return _save(settings, at=now(), error=OTHER_CURRENCY.format(currency=settings.currency, home=home))
    try:
        theirs, ledgers = _read(settings, {role: ids[role] for role in COMPARED}, now=now)
    except QuickBooksError as error:
        return _save(settings, at=now(), error=str(error))
    ours = _ours(settings)
    lines = []
    recorded = list(
        BookkeepingEntry.objects.filter(connection=connection_id, currency=settings.currency)
        .select_related("push")
        .order_by("value_date", "pk")
    )
    for role in COMPARED:
        lines += differences.explain(
            role=role,
            account_id=ids[role],
            difference=theirs[role] - ours[role],
            ledger=ledgers[role],
            entries=recorded,
            start_on=settings.start_on,
        )
    return _save(settings, at=now(), theirs=theirs, ours=ours, lines=lines)


def delete_expired(*, at: datetime) -> int:
    """Delete old comparisons. Returns how many."""
    deleted, _ = BookkeepingComparison.objects.filter(compared_at__lt=at - KEPT).delete()
    return deleted


def _ours(settings: BookkeepingSettings) -> dict[str, Decimal]:
    """What infactor has in the currency of the accounts, from the events themselves."""
    events = find_events(settings=settings, is_first=entries.is_first_of_supplier(settings), known=True)
    return totals(event.amounts for event in events if event.currency == settings.currency)


def _read(
    settings: BookkeepingSettings, ids: dict[str, str], *, now: Callable[[], datetime]
) -> tuple[dict[str, Decimal], dict[str, list[LedgerLine]]]:
    """The balances by the trial balance, and the lines of the general ledger. A call each."""
    home = settings.connection.company_file.home_currency
    with closing(ApiSession(connection=settings.connection, now=now)) as session:
        try:
            balance = report_calls.read_trial_balance(session, home_currency=home, asked_at=now())
            by_id = {account.id: account.balance for account in balance.accounts}
            theirs = {role: by_id.get(qbk_id, Decimal(0)) for role, qbk_id in ids.items()}
            return theirs, {role: _ledger(session, qbk_id, home) for role, qbk_id in ids.items()}
        finally:
            save_calls(take_calls(session.calls), connection=settings.connection, run=None, at=now())


def _ledger(session: ApiSession, account_id: str, home: str) -> list[LedgerLine]:
    body = session.call(
        partial(
            session.client.report,
            name=general_ledger.NAME,
            start_date=report_calls.START_DATE.isoformat(),
            end_date=report_calls.REPORT_DATE.isoformat(),
            accounting_method=general_ledger.BASIS,
            account=account_id,
            columns=",".join(general_ledger.COLUMNS),
        )
    )
    try:
        return list(parse_general_ledger(body, home_currency=home, report_date=report_calls.REPORT_DATE))
    except UnreadableReport as error:
        raise Transient(f"QuickBooks' general ledger cannot be read: {error}.", code="unreadable") from error


def _today(settings: BookkeepingSettings, *, at: datetime) -> date:
    return at.astimezone(settings.connection.supplier.zone).date()


def _save(
    settings: BookkeepingSettings,
    *,
    at: datetime,
    theirs: dict[str, Decimal] | None = None,
    ours: dict[str, Decimal] | None = None,
    lines: list[BookkeepingDifference] | None = None,
    error: str = "",
) -> BookkeepingComparison:
    states = BookkeepingComparison.State
    is_equal = theirs is not None and ours is not None and all(theirs[role] == ours[role] for role in COMPARED)
    values = {
        "compared_at": at,
        "state": states.FAILED if theirs is None else states.EQUAL if is_equal else states.DIFFERENT,
        "error": error[:300],
        **{f"{role}_theirs": theirs[role] if theirs else None for role in COMPARED},
        **{f"{role}_ours": ours[role] if ours else None for role in COMPARED},
    }
    with transaction.atomic():
        row, _ = BookkeepingComparison.objects.update_or_create(
            connection=settings.connection, compared_on=_today(settings, at=at), defaults=values
        )
        row.lines.all().delete()
        for line in lines or []:
            line.comparison = row
        BookkeepingDifference.objects.bulk_create(lines or [])
    return row
