"""What a supplier is owed, as financing weighs it: invoices, buyers, credits and dilution, each in one query or two.

Every figure of a buyer is its top customer's: jobs are rolled up, and the key 0 stands for no buyer. All amounts are in
the currency beside them. Everything is read at once, so that a hundred thousand invoices cost one pass.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from infactor.invoices.customer_hierarchy import climbed, tops_of
from infactor.invoices.models import BooksPayment, Buyer, CreditMemo, Invoice, PaymentAllocation
from infactor.invoices.states import BooksStatus
from infactor.suppliers.models import Supplier

NOBODY = 0
LIVE = ~Q(books_status__in=[BooksStatus.VOIDED, BooksStatus.DELETED])
LIVE_DOCUMENT = Q(is_void=False, deleted_at=None)

BuyerAndCurrency = tuple[int, str]


class ReceivableInvoice(NamedTuple):
    """One invoice, whatever its states. `email` may be empty, as may `buyer_name`; what cannot be read is None."""

    id: int
    public_id: UUID
    number: str
    buyer_key: int
    buyer_name: str
    email: str
    amount: Decimal | None
    balance: Decimal | None
    tax: Decimal | None
    currency: str
    txn_date: date | None
    payable_date: date | None
    state: str
    books_status: str
    company_file_id: int


class BuyerFacts(NamedTuple):
    """A top customer with its jobs. `paid_invoices` were paid with money; `last_paid` is when money last came."""

    id: int
    public_id: UUID
    name: str
    email: str
    debtor_id: int | None
    is_business: bool
    is_active: bool
    paid_invoices: int
    last_paid: date | None


class Dilution(NamedTuple):
    """What was credited and what was invoiced in the same time, both with tax."""

    credits: Decimal
    invoiced: Decimal


class DilutionDay(NamedTuple):
    """The same of what was issued on one day."""

    day: date
    credits: Decimal
    invoiced: Decimal


def load(*, supplier: Supplier, those: Q | None = None) -> list[ReceivableInvoice]:
    """Every invoice of `supplier` (or `those` of them) without its heavy columns, the oldest row first."""
    known = list(Buyer.objects.filter(supplier=supplier).order_by().values_list("pk", "parent_id", "name"))
    tops = climbed(parents={pk: parent for pk, parent, _ in known})
    names = {pk: name for pk, _, name in known}
    rows = (
        Invoice.objects.of(supplier)
        .filter(Q() if those is None else those)
        .order_by("pk")
        .values_list(
            "pk",
            "public_id",
            "invoice_no",
            "buyer_id",
            "company_name",
            "buyer_email",
            "invoice_amount",
            "balance",
            "tax_amount",
            "currency",
            "txn_date",
            "payable_date",
            "state",
            "books_status",
            "company_file_id",
        )
    )
    found = []
    for pk, public_id, number, buyer, name, email, *figures in rows.iterator(chunk_size=5000):
        head = (pk, public_id, number, tops.get(buyer or NOBODY, NOBODY), name or names.get(buyer or NOBODY, ""), email)
        found.append(ReceivableInvoice._make((*head, *figures)))
    return found


def buyers(*, supplier: Supplier) -> dict[int, BuyerFacts]:
    """Every top customer of `supplier` by its key."""
    tops = tops_of(supplier=supplier)
    paid: dict[int, int] = defaultdict(int)
    for buyer, count in _paid_with_money(supplier):
        paid[tops[buyer]] += count
    last: dict[int, date] = {}
    for buyer, day in _last_paid(supplier):
        last[tops[buyer]] = max(day, last.get(tops[buyer], day))
    rows = Buyer.objects.filter(supplier=supplier, pk__in=set(tops.values())).order_by("pk").select_related("debtor")
    return {
        buyer.pk: BuyerFacts(
            id=buyer.pk,
            public_id=buyer.public_id,
            name=str(buyer),
            email=buyer.email,
            debtor_id=buyer.debtor_id,
            is_business=buyer.is_business,
            is_active=buyer.is_active,
            paid_invoices=paid[buyer.pk],
            last_paid=last.get(buyer.pk),
        )
        for buyer in rows
    }


def open_credits(*, supplier: Supplier) -> dict[BuyerAndCurrency, Decimal]:
    """What live credit memos still take off what a buyer owes; one whose rest cannot be read counts in full."""
    rows = (
        CreditMemo.objects.filter(LIVE_DOCUMENT, supplier=supplier)
        .order_by()
        .values_list("buyer_id", "currency")
        .annotate(left=Sum(Coalesce("remaining", "amount")))
    )
    sums = _rolled_up(rows, tops=tops_of(supplier=supplier))
    return {key: left for key, left in sums.items() if left > 0}


def dilution(*, supplier: Supplier, since: date, until: date) -> dict[BuyerAndCurrency, Dilution]:
    """Credit memos issued on or after `since`, and invoices from then to `until`; what is void or deleted is left out.

    What is dated ahead is not delivered: it makes no credit smaller.
    """
    credits = _credited(supplier, since).values_list("buyer_id", "currency").annotate(sum=Sum("amount"))
    invoices = _invoiced(supplier, since, until).values_list("buyer_id", "currency").annotate(sum=Sum("invoice_amount"))
    tops = tops_of(supplier=supplier)
    credited, invoiced = _rolled_up(credits, tops=tops), _rolled_up(invoices, tops=tops)
    zero = Decimal(0)
    return {key: Dilution(credited.get(key, zero), invoiced.get(key, zero)) for key in sorted({*credited, *invoiced})}


def dilution_days(*, supplier: Supplier, since: date, until: date) -> dict[BuyerAndCurrency, tuple[DilutionDay, ...]]:
    """The same day by day, the oldest first, for the buyers that were credited anything."""
    tops = tops_of(supplier=supplier)
    by_day = ("buyer_id", "currency", "issued_on")
    credits = list(_credited(supplier, since).values_list(*by_day).annotate(sum=Sum("amount")))
    credited = {(tops.get(buyer or NOBODY, NOBODY), currency) for buyer, currency, _, _ in credits}
    debtors = {top for top, _ in credited}
    theirs = [buyer for buyer, top in tops.items() if top in debtors]
    invoices = _invoiced(supplier, since, until).filter(buyer__in=theirs)
    rows = invoices.values_list("buyer_id", "currency", "txn_date").annotate(sum=Sum("invoice_amount"))
    found: dict[BuyerAndCurrency, dict[date, list[Decimal]]] = {key: {} for key in sorted(credited)}
    for side, some in enumerate((credits, rows)):
        for buyer, currency, day, amount in some:
            key = (tops.get(buyer or NOBODY, NOBODY), currency)
            if key in found and amount is not None:
                found[key].setdefault(day, [Decimal(0), Decimal(0)])[side] += amount
    return {
        key: tuple(DilutionDay(day, *sums) for day, sums in sorted(days.items())) for key, days in found.items() if days
    }


def _credited(supplier: Supplier, since: date) -> "QuerySet[CreditMemo]":
    return CreditMemo.objects.filter(LIVE_DOCUMENT, supplier=supplier, issued_on__gte=since).order_by()


def _invoiced(supplier: Supplier, since: date, until: date) -> "QuerySet[Invoice]":
    return Invoice.objects.of(supplier).filter(LIVE, txn_date__range=(since, until)).order_by()


def _paid_with_money(supplier: Supplier) -> Iterable[tuple[int, int]]:
    """How many invoices of each buyer were paid. One that only credits brought to zero says nothing of paying."""
    laid = PaymentAllocation.objects.filter(
        invoice=OuterRef("pk"), payment__is_void=False, payment__deleted_at__isnull=True
    )
    return (
        Invoice.objects.of(supplier)
        .filter(books_status=BooksStatus.PAID, invoice_amount__gt=0, buyer__isnull=False)
        .exclude(Exists(laid.filter(payment__moves_money=False)) & ~Exists(laid.filter(payment__moves_money=True)))
        .order_by()
        .values_list("buyer_id")
        .annotate(count=Count("pk"))
    )


def _last_paid(supplier: Supplier) -> Iterable[tuple[int, date]]:
    return (
        BooksPayment.objects.filter(
            LIVE_DOCUMENT, supplier=supplier, moves_money=True, paid_on__isnull=False, buyer__isnull=False
        )
        .order_by()
        .values_list("buyer_id")
        .annotate(last=Max("paid_on"))
    )


def _rolled_up(
    rows: Iterable[tuple[int | None, str, Decimal | None]], *, tops: Mapping[int, int]
) -> dict[BuyerAndCurrency, Decimal]:
    sums: dict[BuyerAndCurrency, Decimal] = defaultdict(Decimal)
    for buyer, currency, amount in rows:
        if amount is not None:
            sums[tops.get(buyer, NOBODY) if buyer else NOBODY, currency] += amount
    return dict(sums)
