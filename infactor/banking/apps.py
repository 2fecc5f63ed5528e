"""App configuration of banking: the nightly proof compares the books with the bank's statements."""

from django.apps import AppConfig


class BankingConfig(AppConfig):
    name = "infactor.banking"
    verbose_name = "Banking"

    def ready(self) -> None:
        from infactor.banking import proof
        from infactor.documents import subjects
        from infactor.documents.models import Kind
        from infactor.ledger import integrity

        integrity.register(name="bank", check=proof.find_discrepancies)
        subjects.register("banking.StatementLine", kinds=[Kind.REMITTANCE, Kind.OTHER])
