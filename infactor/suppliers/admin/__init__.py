"""Admin of suppliers, their applications, checks, agreements and bank accounts."""

from infactor.suppliers.admin import agreements, applications, bank_accounts, checks, suppliers  # noqa: F401  they register their models
