"""App configuration: registers what QuickBooks adds to the apps below: checks, metrics and the banner."""

from django.apps import AppConfig


class QuickBooksConfig(AppConfig):
    name = "quickbooks_app"
    verbose_name = "QuickBooks"

    def ready(self) -> None:
        from django.core import checks

        from infactor.core.health import metrics, readiness
        from infactor.invoices.ingest import own_payments
        from infactor.suppliers import access
        from quickbooks_app import pulls
        from quickbooks_app.connections import banners
        from quickbooks_app.monitoring import fleet_overview
        from quickbooks_app.monitoring import metrics as quickbooks_metrics
        from quickbooks_app.pushes import own_objects

        checks.register(pulls.check_setting)
        readiness.register(name="books", check=fleet_overview.stalled_work)
        metrics.register(name="quickbooks", collect=quickbooks_metrics.collect)
        own_payments.register(own_objects.own_payments)
        access.annotate_suppliers(may_need_quickbooks_banner=banners.MAY_NEED_BANNER)
