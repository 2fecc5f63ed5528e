"""What infactor received itself: for each funded advance, and what waits to be matched."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from infactor.core.money import MoneyField
from infactor.financing.models import COUNTED_PAYMENTS, Advance, Collection, CollectionAllocation
from infactor.financing.watch.payments_and_receipts import BuyerAndCurrency, Receipt
from infactor.ledger.balances import balances_by_owner
from infactor.ledger.models import Purpose

ZERO = Decimal(0)


def receipts_of(
    *, advances: Sequence[Advance], buyers: Mapping[int, BuyerAndCurrency]
) -> tuple[list[Receipt], dict[int, Decimal]]:
    """What infactor received for each advance, and how much of it paid the advance itself. One query.

    `buyers` are the root customer and the currency of each advance.
    """
    parts: dict[tuple[int, int], tuple[Collection, Decimal, Decimal]] = {}
    paid: dict[int, Decimal] = defaultdict(Decimal)
    allocations = CollectionAllocation.objects.filter(
        advance__in=[one.pk for one in advances], reversed_at__isnull=True
    )
    for one in allocations.select_related("collection").order_by("pk"):
        if one.advance_id is None:
            continue
        own = one.amount if one.kind == CollectionAllocation.Kind.ADVANCE else ZERO
        paid[one.advance_id] += own
        key = (one.advance_id, one.collection_id)
        collection, before, total = parts.get(key, (one.collection, ZERO, ZERO))
        parts[key] = (collection, before + own, total + one.amount)
    receipts = [
        Receipt(
            collection.pk,
            own or total,
            collection.value_date,
            collection.currency,
            (total, collection.amount),
            advance,
            buyers[advance],
        )
        for (advance, _), (collection, own, total) in parts.items()
    ]
    return receipts, paid


def waiting_receipts(*, advances: Sequence[Advance]) -> list[Receipt]:
    """Payments that infactor received and has not matched, in the currencies of the advances. Two queries.

    What was refunded, or credited to something else, waits no more: the ledger says what does.
    """
    used = (
        CollectionAllocation.objects.filter(collection=OuterRef("pk"), reversed_at__isnull=True)
        .order_by()
        .values("collection")
    )
    left = F("amount") - Coalesce(
        Subquery(used.annotate(sum=Sum("amount")).values("sum")), ZERO, output_field=MoneyField()
    )
    since = min((one.funded_on for one in advances if one.funded_on), default=date.min)
    found = Collection.objects.filter(
        COUNTED_PAYMENTS, currency__in={one.currency for one in advances}, value_date__gte=since
    )
    rows = list(found.annotate(left=left).filter(left__gt=0).order_by("value_date", "pk"))
    if not rows:
        return []
    waits = balances_by_owner(purpose=Purpose.UNAPPLIED_CASH, owners=[one.ledger_owner for one in rows])
    return [
        Receipt(one.pk, waits[one.ledger_owner], one.value_date, one.currency, (one.amount,))
        for one in rows
        if waits[one.ledger_owner] > 0
    ]
