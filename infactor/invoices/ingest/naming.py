"""Names what a change of the books can touch: invoices, and the customers that they, payments and credits belong to."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from infactor.core.bulk import InArray
from infactor.invoices.ingest import revisions
from infactor.invoices.models import BooksPayment, Buyer, CompanyFile, CreditMemo, Invoice

# What identifies the rows, and the names of the columns with invoices and with customers that they touch.
COLUMNS: dict[type, tuple[str, str, str]] = {
    Invoice: ("qbk_invoice_id", "pk", "buyer_id"),
    BooksPayment: ("reference", "allocations__invoice_id", "buyer_id"),
    CreditMemo: ("reference", "", "buyer_id"),
    Buyer: ("reference", "", "pk"),
}


@dataclass
class Named:
    """The invoices and customers that one revision touches; without `is_complete` there may be others."""

    invoice_ids: set[int] = field(default_factory=set)
    buyer_ids: set[int] = field(default_factory=set)
    is_complete: bool = True

    def add(self, *, invoice_ids: Iterable[int | None] = (), buyer_ids: Iterable[int | None] = ()) -> None:
        """Name these as well; None is nobody."""
        self.invoice_ids |= {one for one in invoice_ids if one is not None}
        self.buyer_ids |= {one for one in buyer_ids if one is not None}


@contextmanager
def one_revision(*, company_file: CompanyFile, model: type, references: Collection[str]) -> Iterator[Named]:
    """The block writes the rows of `model` with these ids in the books: one revision more, unless there are none.

    What they belonged to before and belong to afterwards is named. The block adds what else it touches. While books are
    read for the first time nothing is named: everything is new.
    """
    named = Named(is_complete=company_file.as_of is not None and len(references) <= revisions.MAX_NAMED)
    if not references:
        yield named
        return
    _name(named, company_file, model, references)
    yield named
    _name(named, company_file, model, references)
    if named.is_complete:
        revisions.increment_named(company_file=company_file, invoice_ids=named.invoice_ids, buyer_ids=named.buyer_ids)
    else:
        revisions.increment(company_file_ids=[company_file.pk])


def customers_changed_since(*, company_file: CompanyFile, since: datetime) -> set[int | None]:
    """The customers with a document that changed in the books after `since`; None for one without. Three queries."""
    found: set[int | None] = set()
    for model in (Invoice, BooksPayment, CreditMemo):
        rows = model._default_manager.filter(company_file=company_file, books_updated_at__gt=since).order_by()
        found.update(rows.values_list("buyer_id", flat=True).distinct()[: revisions.MAX_NAMED + 1])
    return found


def _name(named: Named, company_file: CompanyFile, model: Any, references: Collection[str]) -> None:
    if not named.is_complete:
        return
    key, invoice, buyer = COLUMNS[model]
    rows = model._default_manager.filter(InArray(key, references), company_file=company_file).order_by()
    for values in rows.values_list(*(name for name in (buyer, invoice) if name)):
        named.add(buyer_ids=values[:1], invoice_ids=values[1:])
