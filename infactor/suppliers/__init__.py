"""The companies that sell their invoices, and who acts for them."""
