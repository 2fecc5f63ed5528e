"""Writes what an accounting system reports: inserts, updates, deletions, links and the history of invoices."""
