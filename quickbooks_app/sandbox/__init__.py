"""A QuickBooks Online company on this machine: Intuit's OAuth and accounting API in a process of its own."""
