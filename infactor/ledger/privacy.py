"""The ledger holds amounts and row numbers, and its rows are never changed."""

from infactor.core.privacy.declarations import NoPersonalData

TABLES = ()
NO_PERSONAL_DATA = (
    NoPersonalData(
        (
            "ledger.Account",
            "ledger.Transaction",
            "ledger.Entry",
            "ledger.IntegrityCheck",
            "ledger.PeriodClosing",
            "ledger.MonthSum",
        ),
        "amounts, dates and row numbers of suppliers and advances, and why a month was closed or reopened",
    ),
)
