"""Admin of the QuickBooks side."""

from quickbooks_app.admin import models  # noqa: F401  it registers its own
