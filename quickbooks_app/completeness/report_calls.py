"""The calls of a completeness check: both reports, and the receivables accounts where their names do not tell them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from quickbooks_app.api.keyset_pagination import FetchedObject
from quickbooks_app.api.session import ApiSession
from quickbooks_app.completeness import receivables_report, trial_balance
from quickbooks_app.completeness.receivables_report import ReceivablesReport, parse_receivables_report
from quickbooks_app.completeness.report_table import ZERO, TruncatedReport, UnreadableReport
from quickbooks_app.completeness.trial_balance import AccountBalance, TrialBalance, parse_trial_balance
from quickbooks_app.errors import Rejected, ResponseTooLarge, Transient

REPORT_DATE = receivables_report.REPORT_DATE
START_DATE = date(1970, 1, 1)
MAX_AGE = timedelta(minutes=15)  # of a report, by QuickBooks' clock and ours
# Accounts that were made inactive may still have a balance.
RECEIVABLES_ACCOUNTS = "SELECT Id FROM Account WHERE AccountType = 'Accounts Receivable' AND Active IN (true, false)"


def read_trial_balance(session: ApiSession, *, home_currency: str, asked_at: datetime) -> TrialBalance:
    """The trial balance with every posting, those of later dates included. Raises QuickBooksError."""
    request = partial(
        session.client.report,
        name=trial_balance.NAME,
        start_date=START_DATE.isoformat(),
        end_date=REPORT_DATE.isoformat(),
        accounting_method=trial_balance.BASIS,
    )
    body = session.call(request)
    try:
        found = parse_trial_balance(body, home_currency=home_currency, report_date=REPORT_DATE)
        _check_age(found.time, asked_at=asked_at)
        return found
    except UnreadableReport as error:
        raise Transient(f"QuickBooks' trial balance cannot be read: {error}.", code="unreadable") from error


def read_receivables(
    session: ApiSession, *, home_currency: str, documents: int, has_currencies: bool, asked_at: datetime
) -> ReceivablesReport | None:
    """The report of open receivables. None if QuickBooks cannot give out all of it. Raises QuickBooksError.

    `documents` is the number of open documents that infactor knows: it decides on the columns, or against the call.
    """
    columns = receivables_report.columns_for(documents=documents, has_currencies=has_currencies)
    if not columns:
        return None
    request = partial(
        session.client.report,
        name=receivables_report.NAME,
        report_date=REPORT_DATE.isoformat(),
        aging_method="Report_Date",
        columns=",".join(columns),
    )
    try:
        found = parse_receivables_report(session.call(request), home_currency=home_currency)
        _check_age(found.time, asked_at=asked_at)
        return found
    except (ResponseTooLarge, TruncatedReport):
        return None
    except UnreadableReport as error:
        raise Transient(f"QuickBooks' receivables report cannot be read: {error}.", code="unreadable") from error


def receivables_accounts(
    session: ApiSession, balance: TrialBalance, *, known_ids: Collection[str], total: Decimal
) -> Sequence[AccountBalance]:
    """The receivables accounts of `balance`, whose balances should come to `total`. Raises QuickBooksError.

    A trial balance does not tell the types of its accounts. Those with `known_ids` or with the usual names are they if
    they come to `total`. Otherwise QuickBooks is asked, with one call.
    """
    by_name = balance.receivables(())
    for accounts in (balance.receivables(known_ids), by_name):
        if sum((account.balance for account in accounts), ZERO) == total:
            return accounts
    ids = _ids_of_receivables_accounts(session)
    return balance.receivables(ids) if ids else by_name


def _ids_of_receivables_accounts(session: ApiSession) -> list[str]:
    """One id, or one for each currency. None where QuickBooks refuses to say."""
    request = partial(session.client.query, entity="Account", statement=f"{RECEIVABLES_ACCOUNTS} MAXRESULTS 1000")
    try:
        found = [FetchedObject.from_bytes(raw) for raw in session.call(request).objects]
    except Rejected:
        return []
    return [item.header.Id for item in found if item.header is not None]


def _check_age(time: datetime | None, *, asked_at: datetime) -> None:
    """An old report would make every change since then look like one of just now."""
    if time is not None and asked_at - time > MAX_AGE:
        raise UnreadableReport("it is an old one")
