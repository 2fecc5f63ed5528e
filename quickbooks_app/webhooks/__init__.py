"""Webhooks of QuickBooks: signature, parsing, inbox and processing."""
