"""App configuration: buyers' answers are heard, and every proof of the books compares them with what is financed."""

from django.apps import AppConfig


class FinancingConfig(AppConfig):
    name = "infactor.financing"
    verbose_name = "Financing"

    def ready(self) -> None:
        from infactor.financing import following, proofs, tasks
        from infactor.ledger import proof
        from infactor.verification import announcements

        announcements.register(following.heard)
        announcements.register(tasks.heard)
        proof.register(name="advances", check=proofs.compare)
