"""Documents: files about suppliers, buyers, invoices and advances, checked when they come and encrypted at rest."""
