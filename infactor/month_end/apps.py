"""App configuration of month end: its pages, its panels, and its part of the ledger check."""

from django.apps import AppConfig
from django.contrib import admin


class MonthEndConfig(AppConfig):
    name = "infactor.month_end"
    verbose_name = "Month end"

    def ready(self) -> None:
        from infactor.core.admin import panels
        from infactor.ledger import integrity
        from infactor.month_end import checks
        from infactor.month_end.admin import panels as own_panels
        from infactor.month_end.urls import urlpatterns  # models must be loaded

        admin.site.add_pages(urlpatterns)  # type: ignore[attr-defined]
        panels.register(own_panels.panel_of)
        integrity.register(name="accrued fees", check=checks.find_discrepancies)
