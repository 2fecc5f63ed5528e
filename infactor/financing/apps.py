"""App configuration."""

from django.apps import AppConfig


class FinancingConfig(AppConfig):
    name = "infactor.financing"
    verbose_name = "Financing"

    def ready(self) -> None:
        from infactor.financing import following
        from infactor.verification import announcements

        announcements.register(following.heard)
