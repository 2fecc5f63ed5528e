"""Admin of the ledger: accounts, transactions, the trial balance and the integrity checks."""

from infactor.ledger.admin import books  # noqa: F401  registers its own
