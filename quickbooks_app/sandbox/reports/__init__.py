"""QuickBooks' reports, computed from a company's ledger."""
