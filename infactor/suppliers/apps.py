"""App configuration."""

from django.apps import AppConfig


class SuppliersConfig(AppConfig):
    name = "infactor.suppliers"
    verbose_name = "Suppliers"

    def ready(self) -> None:
        from infactor.suppliers import access, agreements

        access.bring_along(must_accept=agreements.must_accept())
