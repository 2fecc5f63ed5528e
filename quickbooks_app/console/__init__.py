"""The books console: reports and query results of a company's QuickBooks, for staff who underwrite."""
