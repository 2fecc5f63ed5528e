"""Suppliers' receivables: invoices, buyers, payments and credit memos as their accounting systems have them."""
