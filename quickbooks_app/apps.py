"""App configuration of the QuickBooks side."""

from django.apps import AppConfig


class QuickBooksConfig(AppConfig):
    name = "quickbooks_app"
    verbose_name = "QuickBooks"
