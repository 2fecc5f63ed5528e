"""App configuration of invoices: which documents invoices and debtors may have."""

from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    name = "infactor.invoices"
    verbose_name = "Invoices"

    def ready(self) -> None:
        from infactor.documents import subjects
        from infactor.documents.models import Kind

        subjects.register(
            "invoices.Invoice",
            kinds=[Kind.INVOICE, Kind.PURCHASE_ORDER, Kind.DELIVERY, Kind.CREDIT_NOTE, Kind.REMITTANCE, Kind.OTHER],
            supplier="supplier_id",
            buyers=["buyer", "buyer__parent"],
        )
        subjects.register(
            "invoices.Debtor", kinds=[Kind.REGISTRATION, Kind.AGREEMENT, Kind.NOTICE, Kind.OTHER], buyers=["buyers"]
        )
