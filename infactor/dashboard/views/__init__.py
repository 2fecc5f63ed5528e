"""Views of the dashboard, one page a file."""
