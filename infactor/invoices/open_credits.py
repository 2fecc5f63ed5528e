"""Open credits: what lowers a buyer's debt and is not applied to an invoice yet.

Credit memos and payments say what they have left. Whatever else lowers the debt (a journal entry, a check, a refund)
shows only in the customer's own balance in the books: it is below the sum of the customer's open invoices.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from decimal import Decimal

from django.db.models import Max, Q, Sum
from django.db.models.functions import Coalesce

from infactor.invoices.customer_hierarchy import Roots, supplier_roots, within
from infactor.invoices.models import BooksPayment, Buyer, CreditMemo, Invoice
from infactor.invoices.models.company_file import BY_HAND
from infactor.invoices.receivables import ACTIVE_DOCUMENTS, NO_BUYER, BuyerAndCurrency
from infactor.invoices.states import BooksStatus
from infactor.suppliers.models import Supplier

ZERO = Decimal(0)
LONG_AGO = datetime.min.replace(tzinfo=UTC)


def open_credits(
    *, supplier: Supplier, buyer_ids: Collection[int] | None = None, roots: Roots | None = None
) -> dict[BuyerAndCurrency, Decimal]:
    """The open credits of each root customer with its sub-customers, by currency, where there are any.

    With `buyer_ids`, only of these whole customers.
    For each customer the larger of two amounts counts: what its credit memos and payments have left, and by how much
    its balance is below its open invoices. The second holds the first, and what no document that we read tells.
    """
    left = _left_of_documents(supplier, within(buyer_ids))
    for key, gap in _below_open_invoices(supplier, buyer_ids).items():
        left[key] = max(left.get(key, ZERO), gap)
    roots = roots or supplier_roots(supplier=supplier, buyer_ids=buyer_ids)
    sums: dict[BuyerAndCurrency, Decimal] = defaultdict(Decimal)
    for (buyer, currency), amount in left.items():
        sums[roots.get(buyer, NO_BUYER), currency] += amount
    return {key: amount for key, amount in sums.items() if amount > 0}


def _left_of_documents(supplier: Supplier, of_buyers: Q) -> dict[BuyerAndCurrency, Decimal]:
    """What credit memos and payments have left, by customer. A credit memo whose rest is unreadable counts in full."""
    left: dict[BuyerAndCurrency, Decimal] = defaultdict(Decimal)
    memos = (
        CreditMemo.objects.filter(ACTIVE_DOCUMENTS, of_buyers, supplier=supplier)
        .order_by()
        .values_list("buyer_id", "currency")
    )
    payments = (
        BooksPayment.objects.filter(ACTIVE_DOCUMENTS, of_buyers, supplier=supplier)
        .order_by()
        .values_list("buyer_id", "currency")
    )
    for buyer, currency, amount in (
        *memos.annotate(left=Sum(Coalesce("remaining", "amount"))),
        *payments.annotate(left=Sum("unapplied")),
    ):
        left[buyer or NO_BUYER, currency] += amount or ZERO
    return left


def _below_open_invoices(supplier: Supplier, buyer_ids: Collection[int] | None) -> dict[BuyerAndCurrency, Decimal]:
    """By how much each customer's balance is below its open invoices.

    A balance that was read before a document of the customer changed says nothing: the document may be what moved it.
    Every change of a balance is a change of the customer, so books that were read completely hold its last balance.
    """
    owed: dict[BuyerAndCurrency, Decimal] = {
        (buyer, currency): total or ZERO
        for buyer, currency, total in Invoice.objects.for_supplier(supplier)
        .filter(within(buyer_ids), books_status__in=(BooksStatus.OPEN, BooksStatus.PARTLY_PAID), buyer__isnull=False)
        .exclude(source=BY_HAND)  # no balance in the books holds it
        .order_by()
        .values_list("buyer_id", "currency")
        .annotate(total=Sum("balance"))
    }
    last_change = _last_changes(supplier, within(buyer_ids))
    # A customer without open invoices may have a credit that lowers what its parent or its sub-customers owe.
    rows = (
        Buyer.objects.filter(Q(pk__in={buyer for buyer, _ in owed}) | Q(balance__lt=0), supplier=supplier)
        .filter(within(buyer_ids, field="pk"), balance__isnull=False)
        .order_by()
        .values_list("pk", "currency", "balance", "books_updated_at", "company_file__as_of")
    )
    gaps = {}
    for buyer, currency, balance, updated_at, as_of in rows:
        read_at = max(updated_at or LONG_AGO, as_of or LONG_AGO)
        if balance is not None and read_at >= last_change.get(buyer, LONG_AGO):
            gaps[buyer, currency] = owed.get((buyer, currency), ZERO) - balance
    return gaps


def _last_changes(supplier: Supplier, of_buyers: Q) -> dict[int, datetime]:
    """When the last document of each customer changed in the books.

    A deleted document does not count. A reconciliation finds it without the moment of its deletion, later than the
    customer, so the balance would say nothing until the next run. A balance from before the deletion still holds the
    document, until the customer is read: within the same webhook or run.
    """
    found: dict[int, datetime] = {}
    existing = Invoice.objects.for_supplier(supplier).exclude(books_status=BooksStatus.DELETED).exclude(source=BY_HAND)
    for documents in (
        existing,
        BooksPayment.objects.filter(supplier=supplier, deleted_at=None),
        CreditMemo.objects.filter(supplier=supplier, deleted_at=None),
    ):
        rows: Iterable[tuple[int, datetime]] = (
            documents.filter(of_buyers, buyer__isnull=False, books_updated_at__isnull=False)
            .order_by()
            .values_list("buyer_id")
            .annotate(last=Max("books_updated_at"))
        )
        for buyer, last in rows:
            found[buyer] = max(last, found.get(buyer, last))
    return found
