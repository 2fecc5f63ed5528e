"""App configuration: buyers' answers are heard, and every proof of the books compares them with what is financed."""

from django.apps import AppConfig


class FinancingConfig(AppConfig):
    name = "infactor.financing"
    verbose_name = "Financing"

    def ready(self) -> None:
        from infactor.financing import scheduled_transitions as following
        from infactor.financing import tasks
        from infactor.financing.accounting import reconciliation as proofs
        from infactor.ledger import integrity as proof
        from infactor.verification import subscribers as announcements

        announcements.register(following.heard)
        announcements.register(tasks.heard)
        proof.register(name="advances", check=proofs.compare)
