"""Queries on a supplier's invoices: the invoice list, single invoices, totals by currency and aging."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, OrderBy, Q, QuerySet, Sum
from django.db.models.functions import Lower

from infactor.core.money import MAX_AMOUNT
from infactor.invoices.customer_hierarchy import within
from infactor.invoices.models import Buyer, Invoice
from infactor.invoices.models.company_file import BY_HAND
from infactor.invoices.search_text import normalize
from infactor.invoices.states import BooksStatus, State
from infactor.suppliers.models import Supplier

ALL = Q()
DELETED_BY_HAND = Q(source=BY_HAND, books_status=BooksStatus.DELETED)  # gone for its supplier
OUTSTANDING = Q(books_status__in=[BooksStatus.OPEN, BooksStatus.PARTLY_PAID])
INCOMPLETE = (
    Q(invoice_no="")
    | Q(payable_date=None)
    | Q(invoice_amount=None)
    | Q(balance=None)
    | Q(currency="")
    | Q(buyer=None, company_name="")
)
# The columns that lists and CSV files show; the others are deferred.
LIST_COLUMNS = (
    "public_id",
    "invoice_no",
    "company_name",
    "buyer_email",
    "txn_date",
    "payable_date",
    "invoice_amount",
    "balance",
    "tax_amount",
    "currency",
    "state",
    "books_status",
    "qbk_invoice_id",
    "source",
    "purchase_order_no",
)
# JSON and notes, which may be megabytes each. No list shows them.
LARGE_COLUMNS = ("items", "tax_details", "linked_txn", "private_note", "search_text")
MAX_SEARCH_WORDS = 8
DUE_SOON_WINDOW = timedelta(days=30)

SORTS: dict[str, tuple[str, ...]] = {
    "number": ("invoice_no",),
    "buyer": ("company_name",),
    "issued": ("txn_date",),
    "due": ("payable_date",),
    "amount": ("currency", "invoice_amount"),
    "open": ("currency", "balance"),
    "status": ("books_status", "state"),
}


@dataclass(frozen=True)
class InvoiceFilters:
    """Filters of the invoice list; an empty one matches everything. `sort` is a key of SORTS, "-" for descending.

    `buyer_ids` are the customers that `buyer` stands for. The dashboard knows what `financing` means, and passes the
    condition as `extra`.
    """

    text: str = ""
    status: str = ""
    currency: str = ""
    buyer: UUID | None = None
    buyer_ids: frozenset[int] = frozenset()
    due_from: date | None = None
    due_to: date | None = None
    financing: str = ""
    source: str = ""
    sort: str = "-issued"

    @property
    def is_narrowing(self) -> bool:
        """Whether any filter is set."""
        dates = (self.due_from, self.due_to)
        return any((self.text, self.status, self.currency, self.buyer, self.financing, self.source, *dates))


@dataclass(frozen=True)
class InvoiceCounts:
    """The number of invoices, how many of them match the filters, and the currencies of all of them.

    `facets` are the numbers of those that meet each further condition, by its name.
    """

    total: int
    matching: int
    currencies: tuple[str, ...]
    facets: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Totals:
    """The number of some invoices and the sum of their amounts, in one currency."""

    count: int
    amount: Decimal


@dataclass(frozen=True)
class CurrencySummary:
    """The figures of one supplier in one currency. `aging` is (first day, last day, totals) past the due date.

    Open invoices with an unreadable amount are counted in `unreadable` and are part of no sum.
    """

    currency: str
    open: Totals
    overdue: Totals
    due_soon: Totals
    paid: Totals
    unreadable: int
    not_due: Totals
    no_due_date: Totals
    aging: tuple[tuple[int, int | None, Totals], ...] = field(default_factory=tuple)


AGING_BUCKETS: tuple[tuple[int, int | None], ...] = ((1, 30), (31, 60), (61, 90), (91, None))


def status_condition(*, status: str, today: date) -> Q:
    """The condition for a value of the status filter; `today` is the supplier's day."""
    match status:
        case "open":
            return OUTSTANDING
        case "overdue":
            return OUTSTANDING & Q(payable_date__lt=today)
        case State.DRAFT:
            return Q(state=State.DRAFT)
        case "incomplete":
            return INCOMPLETE & ~Q(books_status__in=[BooksStatus.VOIDED, BooksStatus.DELETED])
        case BooksStatus.PARTLY_PAID | BooksStatus.PAID | BooksStatus.VOIDED | BooksStatus.DELETED:
            return Q(books_status=status)
        case _:
            return Q()


def condition_of(*, filters: InvoiceFilters, today: date) -> Q:
    """The condition for all of `filters` but `financing`."""
    condition = status_condition(status=filters.status, today=today)
    for word in normalize(filters.text).split()[:MAX_SEARCH_WORDS]:
        condition &= _matches_word(word)
    if filters.currency:
        condition &= Q(currency=filters.currency)
    if filters.buyer:
        condition &= Q(buyer__in=filters.buyer_ids)
    if filters.source:
        by_hand = Q(source=BY_HAND)
        condition &= by_hand if filters.source == "by_hand" else ~by_hand
    if filters.due_from:
        condition &= Q(payable_date__gte=filters.due_from)
    if filters.due_to:
        condition &= Q(payable_date__lte=filters.due_to)
    return condition


def _matches_word(word: str) -> Q:
    """Invoices with `word` in their number or buyer, or with that amount if `word` is one."""
    found = Q(search_text__contains=word)
    try:
        amount = Decimal(word.replace(",", "").lstrip("$€£"))
    except InvalidOperation:
        return found
    if not amount.is_finite() or not -MAX_AMOUNT < amount < MAX_AMOUNT:
        return found
    return found | Q(invoice_amount=amount) | Q(balance=amount)


def invoice_counts(
    *,
    supplier: Supplier,
    filters: InvoiceFilters,
    today: date,
    extra: Q = ALL,
    facets: Mapping[str, Q] | None = None,
) -> InvoiceCounts:
    """The counts above the invoice list, in one query. Matching invoices also meet `extra`."""
    condition = condition_of(filters=filters, today=today) & extra
    row = (Invoice.objects.for_supplier(supplier).exclude(DELETED_BY_HAND)).aggregate(
        everything=Count("pk"),
        matching=Count("pk", filter=condition) if condition else Count("pk"),
        currencies=ArrayAgg("currency", distinct=True, default=[]),
        **{f"facet_{name}": Count("pk", filter=one) if one else Count("pk") for name, one in (facets or {}).items()},
    )
    currencies = tuple(sorted(code for code in row["currencies"] if code))
    counted = {name: row[f"facet_{name}"] for name in facets or {}}
    return InvoiceCounts(row["everything"], row["matching"], currencies, counted)


def invoice_list(*, supplier: Supplier, filters: InvoiceFilters, today: date, extra: Q = ALL) -> QuerySet[Invoice]:
    """The invoice list: those that match `filters` and meet `extra`, sorted, with LIST_COLUMNS only."""
    found = Invoice.objects.for_supplier(supplier).exclude(DELETED_BY_HAND)
    found = found.filter(condition_of(filters=filters, today=today), extra)
    return found.order_by(*_order(filters.sort)).only(*LIST_COLUMNS)


def is_longer(found: QuerySet[Invoice], *, than: int) -> bool:
    """Whether more than `than` invoices match. One query that stops there."""
    return found.order_by()[than : than + 1].exists()


def _order(sort: str) -> list[OrderBy]:
    descending = sort.startswith("-")
    columns = SORTS.get(sort.removeprefix("-"), SORTS["issued"])
    expressions = [Lower(name) if name in ("invoice_no", "company_name") else F(name) for name in columns]
    order = [one.desc(nulls_last=True) if descending else one.asc(nulls_last=True) for one in expressions]
    return [*order, F("pk").desc() if descending else F("pk").asc()]


def buyer_choices(*, supplier: Supplier, limit: int) -> list[tuple[UUID, str]]:
    """Buyers for the filter, sorted by name; [] if there are more than `limit`, as search finds them by name."""
    rows = Buyer.objects.filter(supplier=supplier).exclude(name="").order_by(Lower("name"), "pk")
    found = list(rows.values_list("public_id", "full_name", "name")[: limit + 1])
    return [(public_id, full_name or name) for public_id, full_name, name in found] if len(found) <= limit else []


def latest_invoices(*, supplier: Supplier) -> QuerySet[Invoice]:
    """The invoices with the latest dates, without deleted ones."""
    rows = Invoice.objects.for_supplier(supplier).exclude(books_status=BooksStatus.DELETED)
    return rows.order_by(F("txn_date").desc(nulls_last=True), "-pk").only(*LIST_COLUMNS)


def get_invoice(*, supplier: Supplier, public_id: UUID) -> Invoice:
    """One invoice with its buyer. Raises Invoice.DoesNotExist also if it belongs to another supplier."""
    rows = Invoice.objects.for_supplier(supplier).exclude(DELETED_BY_HAND)
    return rows.select_related("buyer", "company_file").get(public_id=public_id)


def currency_summaries(
    *, supplier: Supplier, today: date, buyer_ids: Collection[int] | None = None
) -> list[CurrencySummary]:
    """The figures of each currency (of these customers only) in one query; that with the most open invoices first."""
    overdue = OUTSTANDING & Q(payable_date__lt=today)
    conditions = {
        "open": OUTSTANDING,
        "overdue": overdue,
        "due_soon": OUTSTANDING & Q(payable_date__gte=today, payable_date__lte=today + DUE_SOON_WINDOW),
        "not_due": OUTSTANDING & Q(payable_date__gte=today),
        "no_due_date": OUTSTANDING & Q(payable_date=None),
        **{f"age_{start}": _aging_condition(start=start, end=end, today=today) for start, end in AGING_BUCKETS},
    }
    measures: dict[str, Count | Sum] = {
        "unreadable": Count("pk", filter=OUTSTANDING & Q(balance=None)),
        "paid_count": Count("pk", filter=Q(books_status=BooksStatus.PAID)),
        "paid_amount": Sum("invoice_amount", filter=Q(books_status=BooksStatus.PAID)),
    }
    for name, condition in conditions.items():
        measures[f"{name}_count"] = Count("pk", filter=condition)
        measures[f"{name}_amount"] = Sum("balance", filter=condition)
    rows = Invoice.objects.for_supplier(supplier).filter(within(buyer_ids))
    rows = rows.exclude(books_status=BooksStatus.DELETED).order_by()
    found = [_summary(row) for row in rows.values("currency").annotate(**measures)]
    return sorted(found, key=lambda summary: (-summary.open.count, -summary.paid.count, summary.currency))


def _aging_condition(*, start: int, end: int | None, today: date) -> Q:
    condition = OUTSTANDING & Q(payable_date__lte=today - timedelta(days=start))
    return condition if end is None else condition & Q(payable_date__gte=today - timedelta(days=end))


def _summary(row: Mapping[str, Any]) -> CurrencySummary:
    def sums(name: str) -> Totals:
        return Totals(row[f"{name}_count"], row[f"{name}_amount"] or Decimal(0))

    names = ("open", "overdue", "due_soon", "paid", "not_due", "no_due_date")
    return CurrencySummary(
        currency=row["currency"],
        unreadable=row["unreadable"],
        aging=tuple((start, end, sums(f"age_{start}")) for start, end in AGING_BUCKETS),
        **{name: sums(name) for name in names},
    )
