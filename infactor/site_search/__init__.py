"""The search of a supplier over everything: invoices, buyers, financing, documents, pages and help."""
