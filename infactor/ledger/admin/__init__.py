"""Admin of the ledger: accounts, transactions, the trial balance and the integrity checks."""

from infactor.ledger.admin import accounts, integrity_checks, transactions  # noqa: F401  they register their models
