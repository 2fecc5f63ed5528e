"""Pure mapping of QuickBooks payloads to records of invoices, customers, payments and credit memos."""
