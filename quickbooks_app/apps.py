"""App configuration: registers what QuickBooks adds to the apps below: checks, metrics, the banner, and the demo."""

from importlib.util import find_spec

from django.apps import AppConfig


class QuickBooksConfig(AppConfig):
    name = "quickbooks_app"
    verbose_name = "QuickBooks"

    def ready(self) -> None:
        from django.core import checks

        from infactor.core import recorded_texts
        from infactor.core.health import metrics, readiness
        from infactor.financing import leaving
        from infactor.invoices import source_pdf
        from infactor.invoices.ingest import own_payments
        from infactor.suppliers import access
        from quickbooks_app import printed_invoices, pulls
        from quickbooks_app import recorded_texts as own_texts
        from quickbooks_app.connections import banners, leavers
        from quickbooks_app.monitoring import fleet_overview
        from quickbooks_app.monitoring import metrics as quickbooks_metrics
        from quickbooks_app.pushes import own_objects

        checks.register(pulls.check_setting)
        recorded_texts.register(*own_texts.PATTERNS)
        readiness.register(name="books", check=fleet_overview.stalled_work)
        metrics.register(name="quickbooks", collect=quickbooks_metrics.collect)
        source_pdf.register(printed_invoices.fetch)
        own_payments.register(own_objects.own_payments)
        leaving.register_disconnect(leavers.disconnect_all)
        access.annotate_suppliers(may_need_quickbooks_banner=banners.MAY_NEED_BANNER)
        if find_spec("quickbooks_app.demo") is not None:  # production has no demo
            from infactor.financing.demo import further
            from quickbooks_app.demo import bookkeeping, opening

            further.register_books(opening.open_books)
            further.register(bookkeeping.turn_on)
