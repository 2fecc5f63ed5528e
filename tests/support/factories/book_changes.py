"""Random changes of a company's books, as imports, deletions and infactor's own actions write them."""

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from infactor.core.transitions import TransitionNotAllowed, move
from infactor.invoices.ingest import deletions, upserts
from infactor.invoices.ingest.records import BuyerRecord, InvoiceRecord
from infactor.invoices.models import CompanyFile, Invoice
from infactor.invoices.states import TRANSITIONS, State
from tests.support.payloads import NOON

amounts = st.none() | st.integers(0, 10**15).map(lambda cents: Decimal(cents) / 100)
texts = st.sampled_from(["", "Acme", "Größe 7 \u202e ☕", "a" * 300, '{"not": "json"}'])
references = st.sampled_from(["1", "2"])
records = st.fixed_dictionaries({
    "qbk_invoice_id": references,
    "invoice_no": texts.map(lambda text: text[:100]),
    "invoice_amount": amounts,
    "balance": amounts,
    "payable_date": st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    "invoice_date": st.none() | st.sampled_from([NOON, NOON.replace(year=2025)]),
    "items": st.sampled_from(["[]", '[{"Amount":1.10}]', '[{"Amount":1.10,"Text":"ü"},{"Qty":123456789012.5}]']),
    "exchange_rate": st.none() | st.just(Decimal("1.0800000000")),
    "private_note": texts,
    "customer_reference": references,
    "books_status": st.sampled_from(["open", "partly_paid", "paid", "voided"]),
}).map(lambda values: InvoiceRecord(**values, source="QuickBooks"))  # fmt: skip
customers = st.fixed_dictionaries({
    "reference": references,
    "name": texts,
    "full_name": texts,
    "email": texts,
    "balance": amounts,
    "is_active": st.booleans(),
    "parent_reference": st.sampled_from(["", "1"]),
}).map(lambda values: BuyerRecord(**values))  # fmt: skip
changes = st.one_of(
    records, customers, st.tuples(st.just("delete"), references), st.tuples(st.just("move"), references)
)


def apply(books: CompanyFile, change: Any, *, at: datetime, saved_at: datetime | None = None) -> None:
    """Apply one of `changes` to `books` at the moment `at`; the books say that they saved it at `saved_at` (`at`)."""
    saved_at = saved_at or at
    if isinstance(change, InvoiceRecord):
        upserts.upsert_invoices(company_file=books, records=[change._replace(books_updated_at=saved_at)], at=at)
    elif isinstance(change, BuyerRecord):
        upserts.upsert_buyers(company_file=books, records=[change._replace(books_updated_at=saved_at)], at=at)
    elif change[0] == "delete":
        deletions.mark_invoices_deleted(company_file=books, deleted={change[1]: saved_at}, at=at)
    elif (invoice := Invoice.objects.filter(qbk_invoice_id=change[1], company_file=books).first()) is not None:
        with suppress(TransitionNotAllowed):
            move(invoice, to=State.ACCEPTED, transitions=TRANSITIONS, by=None, at=at)
