"""A supplier's customers as companies: each root customer with its sub-customers, and roots that are one debtor as one.

The one that stands for a company is its root customer that the books had first.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from infactor.invoices.customer_hierarchy import roots_of, whole_customers
from infactor.invoices.models import BooksPayment, Buyer, Invoice, PaymentAllocation
from infactor.invoices.models.company_file import BY_HAND
from infactor.invoices.search_text import normalize
from infactor.invoices.states import BooksStatus
from infactor.suppliers.models import Supplier

MAX_SEARCH_WORDS = 8
LEVELS = 5  # of sub-customers, in QuickBooks
RECENT_PAYMENTS = 200  # the paid invoices by which a customer's punctuality is measured


@dataclass(frozen=True)
class Customer:
    """One company in the books of one supplier. `buyer_ids` are its customers and sub-customers."""

    first: Buyer
    roots: tuple[Buyer, ...]
    buyer_ids: frozenset[int]

    @property
    def names(self) -> list[str]:
        """Its names in the books, without repetition."""
        return list(dict.fromkeys(str(one) for one in self.roots))


@dataclass(frozen=True)
class Punctuality:
    """How a customer paid its last `count` invoices: on average `days_late` after the due date (below 0: before)."""

    count: int
    days_late: int
    late: int

    @property
    def days_early(self) -> int:
        """The same before the due date."""
        return -self.days_late


def companies(*, supplier: Supplier, text: str = "") -> QuerySet[Buyer]:
    """The customer that stands for each company whose names or email addresses have every word of `text`, by name."""
    own = Buyer.objects.filter(supplier=supplier, parent=None)
    earlier = own.filter(debtor=OuterRef("debtor"), pk__lt=OuterRef("pk"))
    found = own.filter(Q(debtor=None) | ~Exists(earlier))
    for word in normalize(text).split()[:MAX_SEARCH_WORDS]:
        found = found.filter(_has_word(supplier, word))
    return found.order_by(Lower("name"), "pk")


def customer_of(*, supplier: Supplier, public_id: UUID) -> Customer:
    """The company to which a customer or sub-customer of `supplier` belongs. Raises Buyer.DoesNotExist.

    A query for each level of sub-customers, and three more.
    """
    buyer = Buyer.objects.only("pk").get(supplier=supplier, public_id=public_id)
    root = Buyer.objects.get(pk=roots_of(buyers=[buyer.pk])[buyer.pk])
    return whole(of=[root])[root.pk]


def whole(*, of: Sequence[Buyer]) -> dict[int, Customer]:
    """The companies of these root customers of one supplier, by the keys of `of`. A query for each level, and one."""
    if not of:
        return {}
    debtors = [one.debtor_id for one in of if one.debtor_id is not None]
    shared = Q(supplier=of[0].supplier_id, parent=None, debtor__in=debtors)
    roots = list(Buyer.objects.filter(shared | Q(pk__in=[one.pk for one in of])).order_by("pk"))
    family = whole_customers(roots=[one.pk for one in roots])
    root_of = roots_of(buyers=family)
    found = {}
    for one in of:
        same = tuple(r for r in roots if r.pk == one.pk or (one.debtor_id is not None and r.debtor_id == one.debtor_id))
        keys = {root.pk for root in same}
        found[one.pk] = Customer(same[0], same, frozenset(pk for pk, root in root_of.items() if root in keys))
    return found


def buyer_ids_of(*, public_id: UUID) -> frozenset[int]:
    """The customers that a filter by this one shows: of a root its whole company, of a sub-customer its own."""
    buyer = Buyer.objects.filter(public_id=public_id).first()
    if buyer is None:
        return frozenset()
    if buyer.parent_id is None:
        return whole(of=[buyer])[buyer.pk].buyer_ids
    return frozenset(whole_customers(roots=[buyer.pk]))


def punctuality(*, supplier: Supplier, buyer_ids: Collection[int]) -> Punctuality | None:
    """How these customers paid the last invoices that money paid in full; None if there are none. Two queries.

    An invoice was paid on the day of its last payment. What the books brought to zero by credits alone was not
    paid, and of an invoice by hand only its supplier says that it was.
    """
    rows = Invoice.objects.for_supplier(supplier).filter(
        buyer__in=buyer_ids, books_status=BooksStatus.PAID, payable_date__isnull=False, invoice_amount__gt=0
    )
    recent = rows.exclude(source=BY_HAND).order_by("-payable_date", "-pk")
    due = {pk: day for pk, day in recent.values_list("pk", "payable_date")[:RECENT_PAYMENTS] if day is not None}
    days = [(paid_on - due[invoice]).days for invoice, paid_on in _last_paid(due).items()]
    if not days:
        return None
    return Punctuality(len(days), round(sum(days) / len(days)), sum(day > 0 for day in days))


def _last_paid(invoices: Collection[int]) -> dict[int, date]:
    """The day of the last payment in money of each of these invoices that has one."""
    payments = BooksPayment.objects.filter(is_void=False, deleted_at=None, moves_money=True, paid_on__isnull=False)
    lines = PaymentAllocation.objects.filter(invoice__in=invoices, payment__in=payments).order_by("payment__paid_on")
    return dict(lines.values_list("invoice_id", F("payment__paid_on")))


def _has_word(supplier: Supplier, word: str) -> Q:
    """Root customers with `word` in a name or address of their own, of a sub-customer, or of the same company."""
    mine = Buyer.objects.filter(supplier=supplier).order_by()
    having = mine.filter(
        Q(name__icontains=word)
        | Q(full_name__icontains=word)
        | Q(company_name__icontains=word)
        | Q(email__icontains=word)
    )
    found = Q(pk__in=having.values("pk"))
    above = "parent"
    for _ in range(LEVELS - 1):
        found |= Q(pk__in=having.filter(**{f"{above}__isnull": False}).values(above))
        above += "__parent"
    return found | Q(debtor__in=having.filter(debtor__isnull=False).values("debtor"))
