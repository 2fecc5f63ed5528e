"""The supplier's account statement, as a page and as CSV."""
