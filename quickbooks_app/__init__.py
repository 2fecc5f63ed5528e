"""The QuickBooks side of the house: connect, read, map, import."""
