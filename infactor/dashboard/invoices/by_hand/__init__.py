"""Pages where a supplier enters, uploads and proves invoices that are not in its QuickBooks."""
