"""All that the demo books hold, and what of it they held at an earlier moment."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from infactor.invoices.ingest.records import BuyerRecord, CreditMemoRecord, InvoiceRecord, PaymentRecord
from infactor.invoices.states import derive_books_status

_json = msgspec.json.Encoder(decimal_format="number")


class BooksContent(NamedTuple):
    """Every object as it is in the end, with its reference, and with the moment of its last change."""

    buyers: Sequence[BuyerRecord]
    invoices: Sequence[InvoiceRecord]
    payments: Sequence[PaymentRecord]
    credit_memos: Sequence[CreditMemoRecord]


class ContentHistory:
    """What the books held at any moment: a payment lowers the balance of its invoice and of its customer.

    An invoice was created on its `invoice_date`; payments and credit memos never changed.
    """

    def __init__(self, content: BooksContent) -> None:
        self.content = content
        self._payments: dict[str, list[PaymentRecord]] = defaultdict(list)
        for payment in sorted(content.payments, key=lambda one: _moment(one.books_updated_at)):
            for allocation in payment.allocations:
                self._payments[allocation.reference].append(payment)

    def as_of(self, at: datetime) -> BooksContent:
        """The content at the moment `at`. Customers are there from the beginning."""
        invoices = [self._invoice(one, at=at) for one in self.content.invoices if _moment(one.invoice_date) <= at]
        payments = [one for one in self.content.payments if _moment(one.books_updated_at) <= at]
        memos = [one for one in self.content.credit_memos if _moment(one.books_updated_at) <= at]
        open_by_customer: dict[str, Decimal] = defaultdict(Decimal)
        for invoice in invoices:
            open_by_customer[invoice.customer_reference] += invoice.balance or Decimal(0)
        for memo in memos:
            open_by_customer[memo.customer_reference] -= memo.remaining or Decimal(0)
        documents: list[InvoiceRecord | PaymentRecord | CreditMemoRecord] = [*invoices, *payments, *memos]
        changed_at: dict[str, datetime] = {}
        for document in documents:
            moment = _moment(document.books_updated_at)
            changed_at[document.customer_reference] = max(moment, changed_at.get(document.customer_reference, moment))
        buyers = [
            buyer._replace(
                balance=open_by_customer[buyer.reference],
                books_updated_at=changed_at.get(buyer.reference, buyer.books_updated_at),
            )
            for buyer in self.content.buyers
        ]
        return BooksContent(buyers, invoices, payments, memos)

    def _invoice(self, invoice: InvoiceRecord, *, at: datetime) -> InvoiceRecord:
        applied = [one for one in self._payments[invoice.qbk_invoice_id] if _moment(one.books_updated_at) <= at]
        paid = sum((amount for one in applied for amount in _amounts(one, invoice.qbk_invoice_id)), Decimal(0))
        total = invoice.invoice_amount or Decimal(0)
        links = [{"TxnId": one.reference, "TxnType": "Payment"} for one in applied]
        return invoice._replace(
            balance=total - paid,
            linked_txn=_json.encode(links).decode(),
            books_status=derive_books_status(total=total, balance=total - paid, voided=False).value,
            books_updated_at=applied[-1].books_updated_at if applied else invoice.invoice_date,
        )


def changed_since(content: BooksContent, since: datetime | None) -> BooksContent:
    """What of the content has changed after `since`, or all of it."""
    if since is None:
        return content

    def is_new(record: BuyerRecord | InvoiceRecord | PaymentRecord | CreditMemoRecord) -> bool:
        return _moment(record.books_updated_at) > since

    return BooksContent(
        list(filter(is_new, content.buyers)),
        list(filter(is_new, content.invoices)),
        list(filter(is_new, content.payments)),
        list(filter(is_new, content.credit_memos)),
    )


def _amounts(payment: PaymentRecord, reference: str) -> list[Decimal]:
    return [one.amount for one in payment.allocations if one.reference == reference and one.amount is not None]


def _moment(at: datetime | None) -> datetime:
    if at is None:
        raise ValueError("A record of the demo books has no moment.")
    return at
