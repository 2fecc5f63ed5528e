"""Month end: fees accrued to the last day, the checklist before a month is closed, exports, and tax data."""
