"""How much a supplier could have for its invoices at this moment, by currency, as they were judged last."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from infactor.financing.models import Eligibility
from infactor.suppliers.models import Supplier

ZERO = Decimal("0.00")
VERDICT = Eligibility.Verdict


@dataclass(frozen=True)
class Available:
    """So many invoices of one currency bring so much at once; `todo` is what they would bring after one step each."""

    currency: str
    ready_count: int
    ready: Decimal
    todo_count: int
    todo: Decimal


def available(*, supplier: Supplier) -> list[Available]:
    """Each currency in which anything can be financed now or after a step, the largest number first. One query."""
    rows = (
        Eligibility.objects.filter(supplier=supplier, verdict__in=[VERDICT.READY, VERDICT.ONE_STEP])
        .order_by()
        .values("invoice__currency")
        .annotate(
            ready_count=Count("pk", filter=Q(verdict=VERDICT.READY)),
            ready=Sum("advance", filter=Q(verdict=VERDICT.READY), default=ZERO),
            todo_count=Count("pk", filter=Q(verdict=VERDICT.ONE_STEP)),
            todo=Sum("advance", filter=Q(verdict=VERDICT.ONE_STEP), default=ZERO),
        )
    )
    found = [
        Available(row["invoice__currency"], row["ready_count"], row["ready"], row["todo_count"], row["todo"])
        for row in rows
    ]
    return sorted(found, key=lambda one: (-one.ready_count, -one.todo_count, one.currency))
