"""Invoices that a supplier enters or uploads itself, and their documents."""
