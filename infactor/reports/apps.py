"""App configuration of the reports."""

from django.apps import AppConfig
from django.contrib import admin


class ReportsConfig(AppConfig):
    name = "infactor.reports"
    verbose_name = "Reports"

    def ready(self) -> None:
        from infactor.reports.urls import urlpatterns  # models must be loaded

        admin.site.add_pages(urlpatterns)  # type: ignore[attr-defined]
