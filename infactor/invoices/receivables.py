"""A supplier's receivables for eligibility assessment: invoices, buyers and dilution.

Figures of sub-customers are added to their root customer; the buyer id 0 means no buyer. All amounts are in the
currency beside them. Each function takes one or two queries, so a hundred thousand invoices are read in one pass. With
`buyer_ids`, whole customers, each tells only about these.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Max, Q, QuerySet, Sum

from infactor.invoices.customer_hierarchy import Roots, roots_by_customer, supplier_roots, within
from infactor.invoices.models import BooksPayment, Buyer, CreditMemo, Invoice
from infactor.invoices.models.company_file import BY_HAND
from infactor.invoices.states import BooksStatus
from infactor.suppliers.models import Supplier

NO_BUYER = 0
INACTIVE, PARENT_UNKNOWN = "inactive", "parent_unknown"
BUYER_COLUMNS = ("parent_id", "name", "is_active", "is_job", "parent_reference")
ACTIVE_INVOICES = ~Q(books_status__in=[BooksStatus.VOIDED, BooksStatus.DELETED])
ACTIVE_DOCUMENTS = Q(is_void=False, deleted_at=None)

BuyerAndCurrency = tuple[int, str]


class ReceivableInvoice(NamedTuple):
    """One invoice in any state. `email` and `buyer_name` may be empty; an unreadable amount or date is None.

    `buyer_problem` says why its customer cannot owe it as the books stand: INACTIVE, PARENT_UNKNOWN, or empty.
    `is_by_hand`: its supplier entered it, and no books say that it exists.
    """

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
    buyer_problem: str = ""
    is_by_hand: bool = False


class BuyerFacts(NamedTuple):
    """A root customer with its sub-customers. `paid_invoices` were paid with money; `last_paid` is the last payment."""

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
    """The sums of credit memos and of invoices in one period, both with tax."""

    credits: Decimal
    invoiced: Decimal


class DilutionDay(NamedTuple):
    """The sums of credit memos and invoices of one day."""

    day: date
    credits: Decimal
    invoiced: Decimal


def load(
    *, supplier: Supplier, condition: Q | None = None, buyer_ids: Collection[int] | None = None
) -> list[ReceivableInvoice]:
    """The invoices of `supplier` that meet `condition`, without their large columns, oldest row first.

    With `buyer_ids`, none of other customers may meet it.
    """
    known = list(Buyer.objects.filter(within(buyer_ids, field="pk"), supplier=supplier).order_by().only(*BUYER_COLUMNS))
    roots = roots_by_customer(parents={buyer.pk: buyer.parent_id for buyer in known})
    names = {buyer.pk: buyer.name for buyer in known}
    problems = _buyer_problems(known, roots=roots)
    rows = (
        Invoice.objects.for_supplier(supplier)
        .filter(Q() if condition is None else condition)
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
            "source",
        )
    )
    # Most rows say the same as others: their names, addresses, dates and states. Each such value is held once.
    seen: dict[Any, Any] = {}
    once = seen.setdefault
    found = []
    for pk, public_id, number, buyer, name, email, *figures, source in rows.iterator(chunk_size=2000):
        amounts, others = figures[:3], [once(one, one) for one in figures[3:]]
        name = name or names.get(buyer or NO_BUYER, "")
        head = (pk, public_id, number, roots.get(buyer or NO_BUYER, NO_BUYER), once(name, name), once(email, email))
        problem = problems.get(buyer or NO_BUYER, "")
        found.append(ReceivableInvoice._make((*head, *amounts, *others, problem, source == BY_HAND)))
    return found


def _buyer_problems(buyers: Iterable[Buyer], *, roots: Mapping[int, int]) -> dict[int, str]:
    """The customers of which nothing is bought, with the reason: they or their root are inactive or have no parent.

    An inactive customer was deleted or merged. Who owes for a sub-customer without a known parent is unknown.
    """
    own = {}
    for buyer in buyers:
        if not buyer.is_active:
            own[buyer.pk] = INACTIVE
        elif (buyer.is_job or buyer.parent_reference) and buyer.parent_id is None:
            own[buyer.pk] = PARENT_UNKNOWN
    return {pk: own.get(pk) or own[root] for pk, root in roots.items() if pk in own or root in own} if own else {}


def buyers(
    *, supplier: Supplier, buyer_ids: Collection[int] | None = None, roots: Roots | None = None
) -> dict[int, BuyerFacts]:
    """Every root customer of `supplier`, by id. `roots` are `supplier_roots` of these, where the caller has them."""
    roots = roots or supplier_roots(supplier=supplier, buyer_ids=buyer_ids)
    paid: dict[int, int] = defaultdict(int)
    for buyer, count in _paid_with_money(supplier, buyer_ids):
        paid[roots[buyer]] += count
    last: dict[int, date] = {}
    for buyer, day in _last_paid(supplier, buyer_ids):
        last[roots[buyer]] = max(day, last.get(roots[buyer], day))
    rows = Buyer.objects.filter(supplier=supplier, pk__in=set(roots.values())).order_by("pk").select_related("debtor")
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


def dilution(
    *,
    supplier: Supplier,
    since: date,
    until: date,
    buyer_ids: Collection[int] | None = None,
    roots: Roots | None = None,
) -> dict[BuyerAndCurrency, Dilution]:
    """Sums of credit memos issued on or after `since`, and of invoices from then to `until`, by buyer and currency.

    Voided and deleted documents are left out, as are invoices dated ahead: what is not delivered dilutes nothing.
    """
    by_buyer, of_buyers = ("buyer_id", "currency"), within(buyer_ids)
    credits = _credited(supplier, since).filter(of_buyers).values_list(*by_buyer).annotate(sum=Sum("amount"))
    invoices = _invoiced(supplier, since, until).filter(of_buyers).values_list(*by_buyer)
    invoices = invoices.annotate(sum=Sum("invoice_amount"))
    roots = roots or supplier_roots(supplier=supplier, buyer_ids=buyer_ids)
    credited, invoiced = _roll_up(credits, roots=roots), _roll_up(invoices, roots=roots)
    return {key: Dilution(*(of.get(key, Decimal(0)) for of in (credited, invoiced))) for key in {*credited, *invoiced}}


def dilution_days(
    *,
    supplier: Supplier,
    since: date,
    until: date,
    buyer_ids: Collection[int] | None = None,
    roots: Roots | None = None,
) -> dict[BuyerAndCurrency, tuple[DilutionDay, ...]]:
    """The same for each day, oldest first, for the buyers that have any credit memo."""
    roots = roots or supplier_roots(supplier=supplier, buyer_ids=buyer_ids)
    by_day = ("buyer_id", "currency", "issued_on")
    memos = _credited(supplier, since).filter(within(buyer_ids)).values_list(*by_day)
    credits = list(memos.annotate(sum=Sum("amount")))
    credited = {(roots.get(buyer or NO_BUYER, NO_BUYER), currency) for buyer, currency, _, _ in credits}
    credited_roots = {root for root, _ in credited}
    credited_buyers = [buyer for buyer, root in roots.items() if root in credited_roots]
    invoices = _invoiced(supplier, since, until).filter(buyer__in=credited_buyers)
    rows = invoices.values_list("buyer_id", "currency", "txn_date").annotate(sum=Sum("invoice_amount"))
    found: dict[BuyerAndCurrency, dict[date, list[Decimal]]] = {key: {} for key in sorted(credited)}
    for side, sums in enumerate((credits, rows)):
        for buyer, currency, day, amount in sums:
            key = (roots.get(buyer or NO_BUYER, NO_BUYER), currency)
            if key in found and amount is not None:
                found[key].setdefault(day, [Decimal(0), Decimal(0)])[side] += amount
    return {
        key: tuple(DilutionDay(day, *sums) for day, sums in sorted(days.items())) for key, days in found.items() if days
    }


def _credited(supplier: Supplier, since: date) -> "QuerySet[CreditMemo]":
    return CreditMemo.objects.filter(ACTIVE_DOCUMENTS, supplier=supplier, issued_on__gte=since).order_by()


def _invoiced(supplier: Supplier, since: date, until: date) -> "QuerySet[Invoice]":
    """Invoices of the books. What a supplier only says that it invoiced makes its credits no smaller."""
    rows = Invoice.objects.for_supplier(supplier).filter(ACTIVE_INVOICES, txn_date__range=(since, until))
    return rows.exclude(source=BY_HAND).order_by()


def _paid_with_money(supplier: Supplier, buyer_ids: Collection[int] | None) -> Iterable[tuple[int, int]]:
    """The number of paid invoices of each buyer, without those of which money paid less than half.

    Invoices by hand are left out: that they were paid, only their supplier says.
    The rest of an invoice may be brought to zero by credits, journal entries, checks or deposits that a payment lays
    against it. The money of a payment is its own amount, shared out among the invoices of its lines.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH share AS (
                SELECT payment.id, CASE WHEN payment.moves_money
                    THEN LEAST(1, payment.amount / NULLIF(sum(line.amount) FILTER (WHERE line.kind = 'Invoice'), 0))
                    ELSE 0 END AS of_money
                FROM invoices_bookspayment AS payment
                JOIN invoices_paymentallocation AS line ON line.payment_id = payment.id
                WHERE payment.supplier_id = %(supplier)s AND NOT payment.is_void AND payment.deleted_at IS NULL
                  AND (%(buyers)s::bigint[] IS NULL OR payment.id IN (
                      SELECT line.payment_id
                      FROM invoices_paymentallocation AS line JOIN invoices_invoice AS paid ON paid.id = line.invoice_id
                      WHERE paid.buyer_id = ANY(%(buyers)s)
                  ))
                GROUP BY payment.id
            ), applied AS (
                SELECT line.invoice_id, COALESCE(sum(line.amount), 1) AS amount,
                       COALESCE(sum(line.amount * share.of_money), max(share.of_money)) AS money
                FROM share JOIN invoices_paymentallocation AS line ON line.payment_id = share.id
                WHERE line.invoice_id IS NOT NULL
                GROUP BY line.invoice_id
            )
            SELECT invoice.buyer_id, count(*)
            FROM invoices_invoice AS invoice LEFT JOIN applied ON applied.invoice_id = invoice.id
            WHERE invoice.supplier_id = %(supplier)s AND invoice.books_status = %(paid)s
              AND invoice.invoice_amount > 0 AND invoice.buyer_id IS NOT NULL AND invoice.source <> %(by_hand)s
              AND (%(buyers)s::bigint[] IS NULL OR invoice.buyer_id = ANY(%(buyers)s))
              AND (applied.invoice_id IS NULL OR applied.money * 2 >= applied.amount)
            GROUP BY invoice.buyer_id
            """,
            {
                "supplier": supplier.pk,
                "paid": BooksStatus.PAID.value,
                "by_hand": BY_HAND,
                "buyers": None if buyer_ids is None else list(buyer_ids),
            },
        )
        return list(cursor.fetchall())


def _last_paid(supplier: Supplier, buyer_ids: Collection[int] | None) -> Iterable[tuple[int, date]]:
    payments = BooksPayment.objects.filter(
        ACTIVE_DOCUMENTS, supplier=supplier, moves_money=True, paid_on__isnull=False, buyer__isnull=False
    )
    return payments.filter(within(buyer_ids)).order_by().values_list("buyer_id").annotate(last=Max("paid_on"))


def _roll_up(
    rows: Iterable[tuple[int | None, str, Decimal | None]], *, roots: Mapping[int, int]
) -> dict[BuyerAndCurrency, Decimal]:
    sums: dict[BuyerAndCurrency, Decimal] = defaultdict(Decimal)
    for buyer, currency, amount in rows:
        if amount is not None:
            sums[roots.get(buyer, NO_BUYER) if buyer else NO_BUYER, currency] += amount
    return dict(sums)
