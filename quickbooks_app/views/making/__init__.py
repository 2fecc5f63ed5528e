"""The pages where a supplier makes buyers, invoices and payments in its QuickBooks."""
