"""App configuration of the ledger. `/readyz` reports a failed ledger check."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "infactor.ledger"
    verbose_name = "Ledger"

    def ready(self) -> None:
        from infactor.core.health import readiness
        from infactor.ledger import integrity

        readiness.register(name="ledger", check=lambda at: integrity.failure())
