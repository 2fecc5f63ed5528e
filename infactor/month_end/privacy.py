"""Month end keeps amounts, days and row numbers."""

from infactor.core.privacy.declarations import NoPersonalData

TABLES = ()
NO_PERSONAL_DATA = (
    NoPersonalData(
        (
            "month_end.AccrualRun",
            "month_end.FeeAccrual",
            "month_end.JournalAccountName",
            "month_end.LedgerExport",
        ),
        "amounts, days and row numbers of advances, names of infactor's own accounts, and digests of files",
    ),
)
