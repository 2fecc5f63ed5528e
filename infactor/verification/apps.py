"""App configuration of verification."""

from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "infactor.verification"
    verbose_name = "Verifications"
