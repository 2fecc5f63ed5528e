"""The calls of a completeness check: both reports, and the receivables accounts where their names do not tell them."""

import json
from datetime import date
from functools import partial

from quickbooks_app.api.session import ApiSession
from quickbooks_app.completeness import receivables_report, trial_balance
from quickbooks_app.completeness.receivables_report import ReceivablesReport, parse_receivables_report
from quickbooks_app.completeness.report_table import TruncatedReport, UnreadableReport
from quickbooks_app.completeness.trial_balance import TrialBalance, parse_trial_balance
from quickbooks_app.errors import ResponseTooLarge, Transient

REPORT_DATE = receivables_report.REPORT_DATE
START_DATE = date(1970, 1, 1)
# Accounts that were made inactive may still have a balance.
RECEIVABLES_ACCOUNTS = "SELECT Id FROM Account WHERE AccountType = 'Accounts Receivable' AND Active IN (true, false)"


def read_trial_balance(session: ApiSession, *, home_currency: str) -> TrialBalance:
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
        return parse_trial_balance(body, home_currency=home_currency, report_date=REPORT_DATE)
    except UnreadableReport as error:
        raise Transient(f"QuickBooks' trial balance cannot be read: {error}.", code="unreadable") from error


def read_receivables(
    session: ApiSession, *, home_currency: str, documents: int, has_currencies: bool
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
        return parse_receivables_report(session.call(request), home_currency=home_currency)
    except (ResponseTooLarge, TruncatedReport):
        return None
    except UnreadableReport as error:
        raise Transient(f"QuickBooks' receivables report cannot be read: {error}.", code="unreadable") from error


def read_receivables_accounts(session: ApiSession) -> list[str]:
    """The ids of the receivables accounts: one, or one for each currency. Raises QuickBooksError."""
    response = session.call(
        partial(session.client.query, entity="Account", statement=f"{RECEIVABLES_ACCOUNTS} MAXRESULTS 1000")
    )
    return sorted(str(json.loads(raw)["Id"]) for raw in response.objects)
