"""Admin of banking: house accounts, their movements and statements. Lines belong to the admin of financing."""

from infactor.banking.admin import house_accounts, movements, statement_files, statements  # noqa: F401
