"""App configuration of the dashboard."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "infactor.dashboard"
    verbose_name = "Dashboard"
