"""App configuration of suppliers: which documents they may have, and what is shown on their pages."""

from django.apps import AppConfig


class SuppliersConfig(AppConfig):
    name = "infactor.suppliers"
    verbose_name = "Suppliers"

    def ready(self) -> None:
        from infactor.core.admin import panels
        from infactor.documents import subjects
        from infactor.documents.models import Kind
        from infactor.suppliers import access, agreements, check_panel, notifications, proofs

        access.annotate_suppliers(
            must_accept=agreements.must_accept(), unread_notifications=notifications.unread_count()
        )
        panels.register(check_panel.panel_of)
        subjects.hold(proofs.why_kept)
        subjects.register(
            "suppliers.Supplier",
            kinds=[Kind.REGISTRATION, Kind.IDENTITY, Kind.BANK_LETTER, Kind.AGREEMENT, Kind.OTHER],
            supplier="pk",
        )
        subjects.show_on("suppliers.Application", subject_of=lambda application: application.supplier)
        subjects.show_on("suppliers.BankAccount", subject_of=lambda account: account.supplier)
