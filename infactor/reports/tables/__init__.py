"""The reports, by subject: each function makes the rows of one report."""
