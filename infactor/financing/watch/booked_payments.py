"""What lies on a funded invoice in the supplier's books, or could be meant for it: payments and credits."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, Sum

from infactor.financing.models import OUTSTANDING_STATUSES, Advance
from infactor.financing.watch.payments_and_receipts import BookedPayment
from infactor.invoices.customer_hierarchy import roots_of
from infactor.invoices.models import BooksPayment, Invoice, PaymentAllocation
from infactor.invoices.open_credits import open_credits
from infactor.invoices.receivables import BuyerAndCurrency
from infactor.invoices.states import BooksStatus
from infactor.suppliers.models import Supplier

ZERO = Decimal(0)
OWED = (BooksStatus.OPEN, BooksStatus.PARTLY_PAID)


def booked_on(*, advances: Sequence[Advance]) -> tuple[dict[int, list[BookedPayment]], dict[int, datetime]]:
    """What lies on each advance's invoice since it was bought, and when a payment of each invoice last changed.

    By advance, and by invoice. Voided and deleted payments lie on nothing.
    """
    by_invoice = {one.invoice_id: one for one in advances}
    touched: dict[int, datetime] = {}
    sums: dict[tuple[int, int], Decimal | None] = {}
    payments: dict[tuple[int, int], BooksPayment] = {}
    lines = PaymentAllocation.objects.filter(invoice__in=list(by_invoice)).select_related("payment")
    for line in lines.order_by("payment_id", "position"):
        payment, invoice = line.payment, line.invoice_id
        if invoice is None:
            continue
        key = (invoice, line.payment_id)
        touched[invoice] = max(touched.get(invoice, payment.updated_at), payment.updated_at)
        lies_on_nothing = payment.is_void or payment.deleted_at is not None
        if lies_on_nothing or payment.reference in by_invoice[invoice].purchase.payments:
            continue
        before = sums.get(key, ZERO)
        sums[key] = None if before is None or line.amount is None else before + line.amount
        payments[key] = payment
    kinds = _kinds({payment.pk for payment in payments.values()})
    credits = _credits({payment.pk: payment for payment in payments.values() if payment.pk in kinds})
    found: dict[int, list[BookedPayment]] = defaultdict(list)
    for (invoice, pk), payment in payments.items():
        amount = sums[invoice, pk]
        credited = min(credits.get(pk, ZERO), amount or ZERO)
        credits[pk] = credits.get(pk, ZERO) - credited
        one = _booked(payment, amount=amount, kinds=kinds.get(pk, ()), credited=credited)
        found[by_invoice[invoice].pk].append(one)
    return found, touched


def unapplied_payments(*, supplier: Supplier, advances: Sequence[Advance]) -> list[tuple[int, str, BookedPayment]]:
    """Payments of buyers that lie on no invoice yet, each with its root customer and currency."""
    since = min((one.funded_on for one in advances if one.funded_on), default=date.min)
    rows = list(
        BooksPayment.objects.filter(
            Q(paid_on__gte=since) | Q(paid_on__isnull=True),
            supplier=supplier,
            unapplied__gt=0,
            moves_money=True,
            is_void=False,
            deleted_at__isnull=True,
            buyer__isnull=False,
            currency__in={one.currency for one in advances},
        ).order_by("paid_on", "pk")
    )
    roots = roots_of(buyers={one.buyer_id for one in rows if one.buyer_id is not None})
    return [
        (roots[one.buyer_id], one.currency, _booked(one, amount=one.unapplied, is_applied=False))
        for one in rows
        if one.buyer_id in roots
    ]


def new_credits(*, supplier: Supplier, keys: Collection[BuyerAndCurrency]) -> dict[BuyerAndCurrency, Decimal]:
    """The open credit of these root customers that no invoice takes that infactor has not bought."""
    credits = {key: amount for key, amount in open_credits(supplier=supplier).items() if key in keys}
    elsewhere = _owed_on_other_invoices(supplier, {currency for _, currency in credits}) if credits else {}
    return {key: amount - elsewhere.get(key, ZERO) for key, amount in credits.items()}


def _owed_on_other_invoices(supplier: Supplier, currencies: set[str]) -> dict[BuyerAndCurrency, Decimal]:
    financed = Advance.objects.filter(status__in=OUTSTANDING_STATUSES, invoice=OuterRef("pk"))
    rows = list(
        Invoice.objects.filter(
            ~Exists(financed),
            supplier=supplier,
            books_status__in=OWED,
            balance__gt=0,
            buyer__isnull=False,
            currency__in=currencies,
        )
        .order_by()
        .values_list("buyer_id", "currency")
        .annotate(owed=Sum("balance"))
    )
    roots = roots_of(buyers={buyer for buyer, *_ in rows})
    sums: dict[BuyerAndCurrency, Decimal] = defaultdict(Decimal)
    for buyer, currency, owed in rows:
        sums[roots.get(buyer, buyer), currency] += owed
    return sums


def _kinds(payments: set[int]) -> dict[int, tuple[str, ...]]:
    """The kinds of the other documents that each payment applies."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = PaymentAllocation.objects.filter(payment__in=payments).exclude(kind="Invoice").order_by()
    for payment, kind in rows.values_list("payment_id", "kind"):
        found[payment].add(kind)
    return {payment: tuple(sorted(one)) for payment, one in found.items()}


def _credits(payments: dict[int, BooksPayment]) -> dict[int, Decimal]:
    """What of each payment's invoices its credits pay, not its money, as for a discount. Amounts are positive."""
    rows = PaymentAllocation.objects.filter(payment__in=payments, kind="Invoice").order_by().values_list("payment_id")
    found: dict[int, Decimal] = {}
    for pk, laid in rows.annotate(laid=Sum("amount")):
        payment = payments[pk]
        if payment.moves_money and payment.amount is not None and laid is not None:
            found[pk] = max(laid + (payment.unapplied or ZERO) - payment.amount, ZERO)
    return found


def _booked(
    payment: BooksPayment,
    *,
    amount: Decimal | None,
    kinds: tuple[str, ...] = (),
    is_applied: bool = True,
    credited: Decimal = ZERO,
) -> BookedPayment:
    return BookedPayment(
        reference=payment.reference,
        amount=amount,
        paid_on=payment.paid_on,
        total=payment.amount if payment.moves_money else None,
        unapplied=payment.unapplied or ZERO,
        number=payment.number,
        moves_money=payment.moves_money,
        is_own=payment.is_own,
        is_applied=is_applied,
        kinds=kinds,
        credited=credited,
    )
