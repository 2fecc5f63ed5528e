"""App configuration."""

from django.apps import AppConfig


class FinancingConfig(AppConfig):
    name = "infactor.financing"
    verbose_name = "Financing"
