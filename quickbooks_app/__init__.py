"""Import of invoices, customers, payments and credit memos from QuickBooks Online."""
