"""Admin of invoices, debtors, payments and vendors."""

from infactor.invoices.admin import (  # noqa: F401  they register their models
    debtor_suggestions,
    debtors,
    invoices,
    payments,
    vendor_matches,
    vendors,
)
