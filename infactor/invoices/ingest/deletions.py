"""Deletions in the books. A deleted row is kept and marked, and an older version never restores it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from infactor.core.bulk import InArray, update_rows
from infactor.invoices.ingest import naming
from infactor.invoices.ingest.diff import Difference
from infactor.invoices.models import BooksPayment, Buyer, CompanyFile, CreditMemo, Invoice, InvoiceChange
from infactor.invoices.states import BooksStatus

Moments = Mapping[str, datetime | None]


def mark_invoices_deleted(*, company_file: CompanyFile, deleted: Moments, at: datetime) -> int:
    """Mark invoices as deleted, from {reference: moment of deletion}. Returns how many were not marked before.

    Amounts stay as they were. The moment becomes the invoice's version, so only a newer version restores it.
    """
    with transaction.atomic():
        known = list(
            Invoice.objects.select_for_update()
            .filter(InArray("qbk_invoice_id", deleted), company_file=company_file)
            .exclude(books_status=BooksStatus.DELETED)
            .only("qbk_invoice_id", "books_status", "books_updated_at")
            .order_by("pk")
        )
        gone = [invoice.qbk_invoice_id for invoice in known]
        with naming.one_revision(company_file=company_file, model=Invoice, references=gone):
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
        return len(known)


def deactivate_buyers(*, company_file: CompanyFile, inactive: Moments, at: datetime) -> int:
    """Mark buyers as inactive, because they were merged or deleted, from {reference: moment}.

    Their last balance is dropped: nobody owes it any more, or another customer does. Returns how many were active or
    had a balance.
    """
    with transaction.atomic():
        known = list(
            Buyer.objects.select_for_update()
            .filter(InArray("reference", inactive), company_file=company_file)
            .filter(Q(is_active=True) | Q(balance__isnull=False))
            .order_by("pk")
        )
        gone = [buyer.reference for buyer in known]
        with naming.one_revision(company_file=company_file, model=Buyer, references=gone):
            update_rows(
                model=Buyer,
                columns=["is_active", "balance", "books_updated_at", "updated_at"],
                rows=[
                    [buyer.pk, False, None, later(buyer.books_updated_at, inactive[buyer.reference]), at]
                    for buyer in known
                ],
            )
        return len(known)


def allow_restore(*, company_file: CompanyFile, entity: str, references: Sequence[str]) -> None:
    """Let any version restore these rows: they were queried by id and exist."""
    named = InArray("qbk_invoice_id" if entity == "Invoice" else "reference", references)
    match entity:
        case "Customer":
            Buyer.objects.filter(named, company_file=company_file, is_active=False).update(books_updated_at=None)
        case "Invoice":
            deleted = Invoice.objects.filter(named, company_file=company_file, books_status=BooksStatus.DELETED)
            deleted.update(books_updated_at=None)
        case "Payment":
            payments = BooksPayment.objects.filter(named, company_file=company_file, deleted_at__isnull=False)
            payments.update(books_updated_at=None)
        case _:
            memos = CreditMemo.objects.filter(named, company_file=company_file, deleted_at__isnull=False)
            memos.update(books_updated_at=None)


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two moments; None if both are unknown."""
    return max((moment for moment in (one, other) if moment), default=None)
