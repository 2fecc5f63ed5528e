"""Writes to QuickBooks: their bodies and what never goes into them, their faults, batches and files."""
