"""The home page: tasks, financing, open invoices."""
