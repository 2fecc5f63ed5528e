"""App configuration: what the floors below ask of QuickBooks without knowing it."""

from django.apps import AppConfig


class QuickBooksConfig(AppConfig):
    name = "quickbooks_app"
    verbose_name = "QuickBooks"

    def ready(self) -> None:
        from infactor.core.health import readiness
        from infactor.suppliers import access
        from quickbooks_app.connections import banners
        from quickbooks_app.monitoring import fleet_overview

        readiness.register(name="books", check=fleet_overview.waiting_too_long)
        access.bring_along(quickbooks_may_need_them=banners.MAY_BE_NEEDED)
