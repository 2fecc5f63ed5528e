"""What infactor has stored of a company's receivables: every open document, and each customer's balance.

An open amount is positive where it is owed, and negative where it lowers a debt: credit memos and unapplied payments.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q

from infactor.core.bulk import InArray
from infactor.invoices.models import BooksPayment, Buyer, CompanyFile, CreditMemo, Invoice, PaymentAllocation
from infactor.invoices.states import BooksStatus

ZERO = Decimal(0)
ObjectKey = tuple[str, str]  # entity and id
NOT_OPEN = (BooksStatus.VOIDED, BooksStatus.DELETED)


@dataclass(frozen=True)
class StoredDocument:
    """One document. `open_amount` is None if it cannot be read, 0 if it is deleted or voided. `changed_at` is when it
    last changed in QuickBooks, or was deleted there."""

    entity: str
    qbk_id: str
    number: str
    customer: str
    currency: str
    open_amount: Decimal | None
    changed_at: datetime | None


@dataclass(frozen=True)
class StoredBalance:
    """One customer's own balance, without those of its sub-customers, as QuickBooks last gave it."""

    customer: str
    name: str
    currency: str
    balance: Decimal
    changed_at: datetime | None
    is_active: bool = True


@dataclass(frozen=True)
class StoredReceivables:
    """One company's stored receivables at one moment. `erased` are customers that were erased on request."""

    documents: Mapping[ObjectKey, StoredDocument]
    balances: Mapping[str, StoredBalance]
    erased: frozenset[str] = frozenset()


def stored_receivables(*, company_file: CompanyFile, named: Collection[ObjectKey] = ()) -> StoredReceivables:
    """All open documents, those of `named` that are not open, and the customers' balances.

    Call it under the lock of the company file (`apply_page.lock_company_file`), so that all are of one moment.
    """
    documents: dict[ObjectKey, StoredDocument] = {}
    for entity, rows in (
        ("Invoice", _invoices(company_file, _ids(named, "Invoice"))),
        ("CreditMemo", _credit_memos(company_file, _ids(named, "CreditMemo"))),
        ("Payment", _payments(company_file, _ids(named, "Payment"))),
    ):
        for qbk_id, number, customer, currency, open_amount, changed_at in rows:
            documents[entity, qbk_id] = StoredDocument(
                entity, qbk_id, number, customer, currency, open_amount, changed_at
            )
    balances = {
        reference: StoredBalance(reference, full_name or name, currency, balance, changed_at, is_active)
        for reference, name, full_name, currency, balance, changed_at, is_active in Buyer.objects.filter(
            company_file=company_file, balance__isnull=False
        )
        .order_by()
        .values_list("reference", "name", "full_name", "currency", "balance", "books_updated_at", "is_active")
        if balance is not None
    }
    erased = Buyer.objects.filter(company_file=company_file, is_erased=True).values_list("reference", flat=True)
    return StoredReceivables(documents, balances, frozenset(erased))


def paid_and_not_stored(*, company_file: CompanyFile, since: datetime | None) -> list[ObjectKey]:
    """The invoices and credit memos that no sync has brought, named by a payment that changed here since `since`.

    What is paid in full stands in no report of open documents.
    """
    memo = CreditMemo.objects.filter(company_file=company_file, reference=OuterRef("reference"))
    lines = PaymentAllocation.objects.filter(
        Q(kind="Invoice", invoice=None) | Q(kind="CreditMemo") & ~Exists(memo),
        payment__company_file=company_file,
        payment__is_void=False,
        payment__deleted_at=None,
    ).exclude(payment__buyer__is_erased=True)
    if since is not None:
        lines = lines.filter(payment__updated_at__gte=since)
    return sorted(set(lines.order_by().values_list("kind", "reference")))


def has_currencies(company_file: CompanyFile) -> bool:
    """Whether any document or customer is in another currency than the company's own."""
    other = ~Q(currency__in=("", company_file.home_currency))
    return any(
        model._default_manager.filter(other, company_file=company_file).exists()
        for model in (Buyer, Invoice, CreditMemo, BooksPayment)
    )


def _ids(named: Collection[ObjectKey], entity: str) -> list[str]:
    return [qbk_id for kind, qbk_id in named if kind == entity]


def _invoices(company_file: CompanyFile, ids: list[str]) -> list[tuple[Any, ...]]:
    is_open = (~Q(balance=0) | Q(balance__isnull=True)) & ~Q(books_status__in=NOT_OPEN)
    rows = (
        Invoice.objects.filter(is_open | Q(InArray("qbk_invoice_id", ids)), company_file=company_file)
        .order_by()
        .values_list(
            "qbk_invoice_id",
            "invoice_no",
            "customer_reference",
            "currency",
            "balance",
            "books_updated_at",
            "books_status",
        )
    )
    return [(*row[:4], ZERO if row[6] in NOT_OPEN else row[4], row[5]) for row in rows]


def _credit_memos(company_file: CompanyFile, ids: list[str]) -> list[tuple[Any, ...]]:
    is_open = (~Q(remaining=0) | Q(remaining__isnull=True)) & Q(is_void=False, deleted_at=None)
    rows = (
        CreditMemo.objects.filter(is_open | Q(InArray("reference", ids)), company_file=company_file)
        .order_by()
        .values_list(
            "reference",
            "number",
            "customer_reference",
            "currency",
            "remaining",
            "books_updated_at",
            "amount",
            "is_void",
            "deleted_at",
        )
    )
    return [
        (*head, ZERO if is_void or deleted_at else _lowers(amount if remaining is None else remaining), changed_at)
        for *head, remaining, changed_at, amount, is_void, deleted_at in rows
    ]


def _payments(company_file: CompanyFile, ids: list[str]) -> list[tuple[Any, ...]]:
    is_open = (~Q(unapplied=0) | Q(unapplied__isnull=True)) & Q(is_void=False, deleted_at=None)
    rows = (
        BooksPayment.objects.filter(is_open | Q(InArray("reference", ids)), company_file=company_file)
        .order_by()
        .values_list(
            "reference",
            "number",
            "customer_reference",
            "currency",
            "unapplied",
            "books_updated_at",
            "is_void",
            "deleted_at",
        )
    )
    return [
        (*head, ZERO if is_void or deleted_at else _lowers(unapplied), changed_at)
        for *head, unapplied, changed_at, is_void, deleted_at in rows
    ]


def _lowers(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else -amount
