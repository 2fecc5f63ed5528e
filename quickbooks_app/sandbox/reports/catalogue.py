"""The reports that the sandbox computes, by name."""

from collections.abc import Mapping
from datetime import datetime
from sqlite3 import Connection
from typing import Protocol

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.ledger.journal import Journal, read_journal
from quickbooks_app.sandbox.reports import aged_receivable_detail, trial_balance
from quickbooks_app.sandbox.reports.parameters import MONTHS, Parameters
from quickbooks_app.sandbox.runtime.documents import Document
from quickbooks_app.sandbox.runtime.errors import no_such_report


class _Report(Protocol):
    def __call__(
        self, journal: Journal, *, parameters: Parameters, customers: dict[str, Document], preferences: Document
    ) -> Document: ...


_REPORTS: dict[str, _Report] = {
    aged_receivable_detail.NAME: aged_receivable_detail.aged_receivable_detail,
    trial_balance.NAME: trial_balance.trial_balance,
}


def run_report(
    connection: Connection, *, realm: str, name: str, given: Mapping[str, str], at: datetime, empty: bool = False
) -> Document:
    """Return a report with the query parameters `given`.

    `empty` computes it from books without any transaction. Raises BusinessFault 5020 for a name that is not known, or
    that of a wrong parameter.
    """
    compute = _REPORTS.get(name)
    if compute is None:
        raise no_such_report()
    books = Books(connection, realm=realm, at=at)
    preferences = books.get("Preferences", "1")
    month = str(preferences.get("AccountingInfoPrefs", {}).get("FirstMonthOfFiscalYear", MONTHS[0]))
    parameters = Parameters(given=given, at=at, first_month=MONTHS.index(month) + 1)
    customers = {customer["Id"]: customer for customer in books.list_all("Customer")}
    journal = Journal(postings=[], documents={}) if empty else read_journal(connection, realm=realm)
    return compute(journal, parameters=parameters, customers=customers, preferences=preferences)
