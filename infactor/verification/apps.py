"""App configuration of verification."""

from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "infactor.verification"
    verbose_name = "Verifications"

    def ready(self) -> None:
        from infactor.invoices.by_hand import holds
        from infactor.verification import corrections, preconditions

        holds.register(preconditions.why_frozen, ends_with_correction=True)
        holds.register_correction(corrections.on_corrected)
