"""App configuration of the ledger. `/readyz` warns of a failed ledger check."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "infactor.ledger"
    verbose_name = "Ledger"

    def ready(self) -> None:
        from infactor.core.health import metrics, readiness
        from infactor.ledger import integrity
        from infactor.ledger import metrics as ledger_metrics

        readiness.register_warning(name="ledger", check=lambda at: integrity.failure())
        metrics.register(name="ledger", collect=ledger_metrics.collect)
