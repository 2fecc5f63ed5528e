"""The invoice list and the page of one invoice."""
