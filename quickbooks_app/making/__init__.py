"""Buyers, invoices and payments that a supplier makes in infactor, and that are written into its QuickBooks."""
