"""Admin of suppliers, their applications, agreements and bank accounts."""

from infactor.suppliers.admin import agreements, applications, bank_accounts, suppliers  # noqa: F401  they register their models
