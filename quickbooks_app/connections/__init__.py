"""Connections to QuickBooks companies: consent, reconnecting, expiry of grants, emails and release."""
