"""Management commands of the QuickBooks integration."""
