"""App configuration: the last proof of the books is part of whether the house can work."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "infactor.ledger"
    verbose_name = "Books"

    def ready(self) -> None:
        from infactor.core.health import readiness
        from infactor.ledger import integrity

        readiness.register(name="ledger", check=lambda at: integrity.trouble(at=at))
