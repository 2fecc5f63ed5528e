"""Admin pages of the QuickBooks integration."""

from quickbooks_app.admin import completeness, connections, imports, mapping  # noqa: F401  they register their models
