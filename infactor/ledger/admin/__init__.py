"""Admin of the ledger: accounts, transactions, the trial balance, closed months and the integrity checks."""

from infactor.ledger.admin import accounts, integrity_checks, periods, transactions  # noqa: F401  they register
