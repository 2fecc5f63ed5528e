"""The demo books: what they hold is imported day by day, as any source of invoices hands it in."""

from datetime import datetime

from infactor.financing.demo.content import BooksContent, ContentHistory, changed_since
from infactor.invoices.ingest import payments, upserts
from infactor.invoices.models import CompanyFile


class DemoBooks:
    """The books of the demo company, imported as often as somebody asks."""

    def __init__(self, *, company_file: CompanyFile, content: BooksContent) -> None:
        self.company_file = company_file
        self._history = ContentHistory(content)
        self._imported_at: datetime | None = None

    def has_changes(self, *, at: datetime) -> bool:
        """Whether anything has changed since the last import."""
        return any(changed_since(self._history.as_of(at), self._imported_at))

    def import_changes(self, *, at: datetime) -> None:
        """Import what has changed since the last import; the first time, all that there is."""
        changed = changed_since(self._history.as_of(at), self._imported_at)
        file = self.company_file
        upserts.upsert_buyers(company_file=file, records=changed.buyers, at=at)
        upserts.upsert_invoices(company_file=file, records=changed.invoices, at=at)
        payments.upsert_payments(company_file=file, records=changed.payments, at=at)
        payments.upsert_credit_memos(company_file=file, records=changed.credit_memos, at=at)
        self._imported_at = at
        self.mark_current(at=at)
        file.refresh_from_db()

    def mark_current(self, *, at: datetime) -> None:
        """Note that the books were imported without changes."""
        upserts.set_as_of(company_file=self.company_file, as_of=at)
