"""Admin of invoices, debtors and payments."""

from infactor.invoices.admin import debtor_suggestions, debtors, invoices, payments  # noqa: F401  they register their models
