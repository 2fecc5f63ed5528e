"""Connections to QuickBooks companies: consent, reconnecting, expiry of grants, e-mails and release."""
