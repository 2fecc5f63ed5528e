"""App configuration."""

from django.apps import AppConfig


class SuppliersConfig(AppConfig):
    name = "infactor.suppliers"
    verbose_name = "Suppliers"
