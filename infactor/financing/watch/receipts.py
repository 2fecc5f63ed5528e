"""What infactor received itself: for each funded advance, and what waits to be matched."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from infactor.core.money import MoneyField
from infactor.financing.models import Advance, Collection, CollectionAllocation
from infactor.financing.watch.matching import Receipt

ZERO = Decimal(0)


def receipts_of(*, advances: Sequence[Advance]) -> tuple[dict[int, list[Receipt]], dict[int, Decimal]]:
    """What infactor received for each advance, and how much of it paid the advance itself. One query."""
    parts: dict[int, dict[int, tuple[Collection, Decimal, Decimal]]] = defaultdict(dict)
    paid: dict[int, Decimal] = defaultdict(Decimal)
    allocations = CollectionAllocation.objects.filter(
        advance__in=[one.pk for one in advances], reversed_at__isnull=True
    )
    for one in allocations.select_related("collection").order_by("pk"):
        if one.advance_id is None:
            continue
        own = one.amount if one.kind == CollectionAllocation.Kind.ADVANCE else ZERO
        paid[one.advance_id] += own
        collection, before, total = parts[one.advance_id].get(one.collection_id, (one.collection, ZERO, ZERO))
        parts[one.advance_id][one.collection_id] = (collection, before + own, total + one.amount)
    receipts = {
        advance: [
            Receipt(key, own or total, collection.value_date, (total, collection.amount))
            for key, (collection, own, total) in by_collection.items()
        ]
        for advance, by_collection in parts.items()
    }
    return receipts, paid


def waiting_receipts(*, advances: Sequence[Advance]) -> list[Receipt]:
    """Payments that infactor received and has not matched, in the currencies of the advances. One query."""
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
        currency__in={one.currency for one in advances}, returned_on__isnull=True, value_date__gte=since
    )
    return [
        Receipt(-one.pk, one.left, one.value_date, (one.amount,), is_waiting=True)
        for one in found.annotate(left=left).filter(left__gt=0).order_by("value_date", "pk")
    ]
