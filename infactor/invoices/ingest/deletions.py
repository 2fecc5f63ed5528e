"""What is gone from the books: it stays here, marked and told of, and no older version brings it back."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from infactor.core.bulk import InArray, update_rows
from infactor.invoices.ingest.diff import Difference
from infactor.invoices.ingest.revisions import bump
from infactor.invoices.models import BooksPayment, Buyer, CompanyFile, CreditMemo, Invoice, InvoiceChange
from infactor.invoices.states import BooksStatus

Moments = Mapping[str, datetime | None]


def delete_invoices(*, company_file: CompanyFile, deleted: Moments, at: datetime) -> int:
    """Mark the invoices of these references as deleted, each with the moment in the books; how many were not before.

    Amounts stay what they were last. The moment becomes the invoice's version: only a newer one brings it back.
    """
    with transaction.atomic():
        known = list(
            Invoice.objects.select_for_update()
            .filter(InArray("qbk_invoice_id", deleted), company_file=company_file)
            .exclude(books_status=BooksStatus.DELETED)
            .only("qbk_invoice_id", "books_status", "books_updated_at")
            .order_by("pk")
        )
        update_rows(
            model=Invoice,
            columns=["books_status", "books_updated_at", "updated_at"],
            rows=[
                [
                    invoice.pk,
                    BooksStatus.DELETED.value,
                    later(invoice.books_updated_at, deleted[invoice.qbk_invoice_id]),
                    at,
                ]
                for invoice in known
            ],
        )
        InvoiceChange.objects.bulk_create(
            InvoiceChange(
                invoice=invoice,
                at=at,
                books_at=deleted[invoice.qbk_invoice_id],
                changes=[Difference("books_status", invoice.books_status, BooksStatus.DELETED.value).as_json()],
            )
            for invoice in known
        )
        if known:
            bump(company_file_ids=[company_file.pk])
        return len(known)


def retire_buyers(*, company_file: CompanyFile, gone: Moments, at: datetime) -> int:
    """Mark the buyers of these references as inactive: merged into another one, or no longer there; how many were
    active before."""
    with transaction.atomic():
        known = list(
            Buyer.objects.select_for_update()
            .filter(InArray("reference", gone), company_file=company_file, is_active=True)
            .order_by("pk")
        )
        update_rows(
            model=Buyer,
            columns=["is_active", "books_updated_at", "updated_at"],
            rows=[[buyer.pk, False, later(buyer.books_updated_at, gone[buyer.reference]), at] for buyer in known],
        )
        if known:
            bump(company_file_ids=[company_file.pk])
        return len(known)


def welcome_back(*, company_file: CompanyFile, entity: str, references: Sequence[str]) -> None:
    """Let any version bring these back: the books were asked, and they are there."""
    named = InArray("qbk_invoice_id" if entity == "Invoice" else "reference", references)
    match entity:
        case "Customer":
            Buyer.objects.filter(named, company_file=company_file, is_active=False).update(books_updated_at=None)
        case "Invoice":
            deleted = Invoice.objects.filter(named, company_file=company_file, books_status=BooksStatus.DELETED)
            deleted.update(books_updated_at=None)
        case "Payment":
            forgotten = BooksPayment.objects.filter(named, company_file=company_file, deleted_at__isnull=False)
            forgotten.update(books_updated_at=None)
        case _:
            memos = CreditMemo.objects.filter(named, company_file=company_file, deleted_at__isnull=False)
            memos.update(books_updated_at=None)


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two moments, of which either may be unknown."""
    return max((moment for moment in (one, other) if moment), default=None)
