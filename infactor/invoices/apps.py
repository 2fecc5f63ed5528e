"""App configuration of invoices."""

from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    name = "infactor.invoices"
    verbose_name = "Invoices"
