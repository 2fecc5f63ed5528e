"""The double-entry ledger: append-only accounts, transactions and entries, written by `posting` alone."""
