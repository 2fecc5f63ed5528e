"""Messages between the supplier and staff."""
