"""infactor: invoices turned into cash."""
