"""Questions about a supplier's invoices: lists, totals, ages. They read and change nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, OrderBy, Q, QuerySet, Sum
from django.db.models.functions import Lower

from infactor.core.money import LARGEST
from infactor.invoices.models import Buyer, Invoice
from infactor.invoices.search_text import fold
from infactor.invoices.states import BooksStatus
from infactor.suppliers.models import Supplier

EVERYTHING = Q()
OWED = Q(books_status__in=[BooksStatus.OPEN, BooksStatus.PARTLY_PAID])
INCOMPLETE = (
    Q(invoice_no="")
    | Q(payable_date=None)
    | Q(invoice_amount=None)
    | Q(balance=None)
    | Q(currency="")
    | Q(buyer=None, company_name="")
)
# What lists and files show; the rest of a row stays in the database.
LISTED = (
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
)
# The columns of JSON and notes may be megabytes each, and no list shows them.
HEAVY = ("items", "tax_details", "linked_txn", "private_note", "search_text")
WORDS_AT_MOST = 8
DUE_SOON = timedelta(days=30)

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
class Filters:
    """What a person asks of the list. Empty means everything; `sort` is a key of SORTS, with a minus for descending.

    What `financing` means is known on an upper floor, which hands the condition in.
    """

    text: str = ""
    status: str = ""
    currency: str = ""
    buyer: UUID | None = None
    due_from: date | None = None
    due_to: date | None = None
    financing: str = ""
    sort: str = "-issued"

    @property
    def narrow(self) -> bool:
        """Whether they leave anything out."""
        return any((self.text, self.status, self.currency, self.buyer, self.due_from, self.due_to, self.financing))


@dataclass(frozen=True)
class Size:
    """How many invoices there are, how many of them match, and in which currencies they are."""

    everything: int
    matching: int
    currencies: tuple[str, ...]


@dataclass(frozen=True)
class Sums:
    """So many invoices, worth so much together, all of one currency."""

    count: int
    amount: Decimal


@dataclass(frozen=True)
class Summary:
    """One currency of one supplier. `aging` is (from day, to day, sums) past the due date, in order.

    Open invoices whose amount cannot be read are counted in `unreadable` and stand in no sum.
    """

    currency: str
    open: Sums
    overdue: Sums
    due_soon: Sums
    paid: Sums
    unreadable: int
    not_due: Sums
    no_due_date: Sums
    aging: tuple[tuple[int, int | None, Sums], ...] = field(default_factory=tuple)


AGES: tuple[tuple[int, int | None], ...] = ((1, 30), (31, 60), (61, 90), (91, None))


def status_condition(*, status: str, today: date) -> Q:
    """Which invoices a status of the list's filter means; `today` is the supplier's day."""
    match status:
        case "open":
            return OWED
        case "overdue":
            return OWED & Q(payable_date__lt=today)
        case "incomplete":
            return INCOMPLETE & ~Q(books_status__in=[BooksStatus.VOIDED, BooksStatus.DELETED])
        case BooksStatus.PARTLY_PAID | BooksStatus.PAID | BooksStatus.VOIDED | BooksStatus.DELETED:
            return Q(books_status=status)
        case _:
            return Q()


def _condition(*, filters: Filters, today: date) -> Q:
    condition = status_condition(status=filters.status, today=today)
    for word in fold(filters.text).split()[:WORDS_AT_MOST]:
        condition &= _word(word)
    if filters.currency:
        condition &= Q(currency=filters.currency)
    if filters.buyer:
        condition &= Q(buyer__public_id=filters.buyer) | Q(buyer__parent__public_id=filters.buyer)
    if filters.due_from:
        condition &= Q(payable_date__gte=filters.due_from)
    if filters.due_to:
        condition &= Q(payable_date__lte=filters.due_to)
    return condition


def _word(word: str) -> Q:
    """Invoices with `word` in their number or buyer or, where it reads as an amount, worth that much."""
    found = Q(search_text__contains=word)
    try:
        amount = Decimal(word.replace(",", "").lstrip("$€£"))
    except InvalidOperation:
        return found
    if not amount.is_finite() or not -LARGEST < amount < LARGEST:
        return found
    return found | Q(invoice_amount=amount) | Q(balance=amount)


def size(*, supplier: Supplier, filters: Filters, today: date, also: Q = EVERYTHING) -> Size:
    """One query for everything that the head of the list needs; what matches must meet `also`, too."""
    condition = _condition(filters=filters, today=today) & also
    row = Invoice.objects.of(supplier).aggregate(
        everything=Count("pk"),
        matching=Count("pk", filter=condition) if condition else Count("pk"),
        currencies=ArrayAgg("currency", distinct=True, default=[]),
    )
    return Size(row["everything"], row["matching"], tuple(sorted(code for code in row["currencies"] if code)))


def listing(*, supplier: Supplier, filters: Filters, today: date, also: Q = EVERYTHING) -> QuerySet[Invoice]:
    """The invoices that match and meet `also`, in order, without their heavy columns."""
    found = Invoice.objects.of(supplier).filter(_condition(filters=filters, today=today), also)
    return found.order_by(*_order(filters.sort)).only(*LISTED)


def _order(sort: str) -> list[OrderBy]:
    descending = sort.startswith("-")
    columns = SORTS.get(sort.removeprefix("-"), SORTS["issued"])
    expressions = [Lower(name) if name in ("invoice_no", "company_name") else F(name) for name in columns]
    order = [one.desc(nulls_last=True) if descending else one.asc(nulls_last=True) for one in expressions]
    return [*order, F("pk").desc() if descending else F("pk").asc()]


def buyers(*, supplier: Supplier, at_most: int) -> list[tuple[UUID, str]]:
    """Buyers to choose from, by name; none at all when there are more than `at_most`: search finds them by name."""
    rows = Buyer.objects.filter(supplier=supplier).exclude(name="").order_by(Lower("name"), "pk")
    found = list(rows.values_list("public_id", "full_name", "name")[: at_most + 1])
    return [(public_id, full_name or name) for public_id, full_name, name in found] if len(found) <= at_most else []


def newest(*, supplier: Supplier) -> QuerySet[Invoice]:
    """The latest invoices by their own date, deleted ones left out."""
    rows = Invoice.objects.of(supplier).exclude(books_status=BooksStatus.DELETED)
    return rows.order_by(F("txn_date").desc(nulls_last=True), "-pk").only(*LISTED)


def one(*, supplier: Supplier, public_id: UUID) -> Invoice:
    """One invoice with its buyer. Raises Invoice.DoesNotExist for another supplier's as for one that never was."""
    return Invoice.objects.of(supplier).select_related("buyer", "company_file").get(public_id=public_id)


def summaries(*, supplier: Supplier, today: date) -> list[Summary]:
    """The supplier's figures, one for each currency, in one query; the largest number of open invoices first."""
    late = OWED & Q(payable_date__lt=today)
    conditions = {
        "open": OWED,
        "overdue": late,
        "due_soon": OWED & Q(payable_date__gte=today, payable_date__lte=today + DUE_SOON),
        "not_due": OWED & Q(payable_date__gte=today),
        "no_due_date": OWED & Q(payable_date=None),
        **{f"age_{start}": _age(start=start, end=end, today=today) for start, end in AGES},
    }
    measures: dict[str, Count | Sum] = {
        "unreadable": Count("pk", filter=OWED & Q(balance=None)),
        "paid_count": Count("pk", filter=Q(books_status=BooksStatus.PAID)),
        "paid_amount": Sum("invoice_amount", filter=Q(books_status=BooksStatus.PAID)),
    }
    for name, condition in conditions.items():
        measures[f"{name}_count"] = Count("pk", filter=condition)
        measures[f"{name}_amount"] = Sum("balance", filter=condition)
    rows = Invoice.objects.of(supplier).exclude(books_status=BooksStatus.DELETED).order_by()
    found = [_summary(row) for row in rows.values("currency").annotate(**measures)]
    return sorted(found, key=lambda summary: (-summary.open.count, -summary.paid.count, summary.currency))


def _age(*, start: int, end: int | None, today: date) -> Q:
    condition = OWED & Q(payable_date__lte=today - timedelta(days=start))
    return condition if end is None else condition & Q(payable_date__gte=today - timedelta(days=end))


def _summary(row: Mapping[str, Any]) -> Summary:
    def sums(name: str) -> Sums:
        return Sums(row[f"{name}_count"], row[f"{name}_amount"] or Decimal(0))

    names = ("open", "overdue", "due_soon", "paid", "not_due", "no_due_date")
    return Summary(
        currency=row["currency"],
        unreadable=row["unreadable"],
        aging=tuple((start, end, sums(f"age_{start}")) for start, end in AGES),
        **{name: sums(name) for name in names},
    )
