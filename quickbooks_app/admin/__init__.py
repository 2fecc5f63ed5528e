"""Admin pages of the QuickBooks integration."""

from quickbooks_app.admin import books, completeness, connections, imports, pushes  # noqa: F401  they register their models
