"""Mails to staff: a digest each morning, and alerts at once, by role and choice."""
