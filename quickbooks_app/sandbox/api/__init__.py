"""The QuickBooks Online Accounting API that the sandbox answers."""
