"""App configuration of suppliers."""

from django.apps import AppConfig


class SuppliersConfig(AppConfig):
    name = "infactor.suppliers"
    verbose_name = "Suppliers"

    def ready(self) -> None:
        from infactor.suppliers import access, agreements

        access.annotate_suppliers(must_accept=agreements.must_accept())
