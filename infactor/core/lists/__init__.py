"""Lists of staff as files: what their columns hold, and the rows as CSV or XLSX."""
