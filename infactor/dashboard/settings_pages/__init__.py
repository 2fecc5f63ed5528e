"""The supplier's settings: company, people, security, notifications, bank account, QuickBooks and data."""
