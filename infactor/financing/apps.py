"""App configuration: every proof of the books compares them with what is financed."""

from django.apps import AppConfig


class FinancingConfig(AppConfig):
    name = "infactor.financing"
    verbose_name = "Financing"

    def ready(self) -> None:
        from infactor.financing import proofs
        from infactor.ledger import proof

        proof.register(name="advances", check=proofs.compare)
