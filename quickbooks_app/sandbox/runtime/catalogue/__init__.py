"""The QuickBooks objects, one row each: operations, properties and what may be queried."""
