"""Facts: buyers, invoices and the books that they come from."""
