"""Asking a buyer to confirm an invoice."""
