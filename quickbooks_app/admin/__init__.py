"""Admin pages of the QuickBooks integration."""

from quickbooks_app.admin import (  # noqa: F401  they register their models
    bookkeeping,
    books,
    completeness,
    connections,
    imports,
    integrations,
    mapping,
    pushes,
)
