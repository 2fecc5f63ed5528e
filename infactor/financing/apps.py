"""App configuration: subscribes to buyers' answers and adds the reconciliation to the ledger's integrity check."""

from django.apps import AppConfig


class FinancingConfig(AppConfig):
    name = "infactor.financing"
    verbose_name = "Financing"

    def ready(self) -> None:
        from infactor.banking import subscribers as statement_subscribers
        from infactor.core.health import metrics
        from infactor.financing import metrics as financing_metrics
        from infactor.financing import scheduled_transitions, tasks
        from infactor.financing.accounting import reconciliation
        from infactor.financing.eligibility import recalculation
        from infactor.ledger import integrity
        from infactor.suppliers import subscribers as supplier_subscribers
        from infactor.verification import subscribers

        subscribers.register(scheduled_transitions.on_verification_changed)
        subscribers.register(tasks.on_verification_changed)
        statement_subscribers.register(tasks.on_statement_imported)
        supplier_subscribers.register(recalculation.on_supplier_changed)
        integrity.register(name="advances", check=reconciliation.find_discrepancies)
        metrics.register(name="financing", collect=financing_metrics.collect)
