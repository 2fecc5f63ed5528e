"""Accounting: the postings of financing, balances of advances, statements and reconciliation."""
