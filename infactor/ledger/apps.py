"""App configuration."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "infactor.ledger"
    verbose_name = "Books"
