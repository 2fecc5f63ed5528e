"""The local QuickBooks Online sandbox: Intuit's OAuth and Accounting API in a separate process."""
