"""What the parts of a payment were for, to be matched anew, and whether they may be changed."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext

from infactor.financing.collections.allocation import AllocationTarget
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.models import Advance, CollectionAllocation

# While it is bought back or written off, what the buyer paid before is part of what that came to.
BLOCKING_STATUSES = (Advance.Status.REPURCHASED, Advance.Status.WRITTEN_OFF)


def targets_of(allocations: Sequence[CollectionAllocation]) -> list[AllocationTarget]:
    """What these allocations were for, to be allocated again by the books as they then are."""
    advances: dict[int, AllocationTarget] = {}
    suppliers: dict[tuple[int, bool], AllocationTarget] = {}
    for one in allocations:
        if one.advance is not None:
            known = advances.get(one.advance.pk)
            total = one.amount + (known.amount if known else 0)
            advances[one.advance.pk] = AllocationTarget(total, advance=one.advance)
            continue
        key = one.supplier_id, one.kind == CollectionAllocation.Kind.DUE
        earlier = suppliers.get(key)
        total = one.amount + (earlier.amount if earlier else 0)
        suppliers[key] = AllocationTarget(total, supplier=one.supplier, is_due=key[1])
    # A debt first: what of it is paid already was split off as a surplus.
    return [*advances.values(), *(suppliers[key] for key in sorted(suppliers, key=lambda key: not key[1]))]


def _capped(targets: Sequence[AllocationTarget], left: Decimal) -> list[AllocationTarget]:
    """As much of `targets`, the first one first, as `left` is enough for."""
    found = []
    for target in targets:
        amount = min(target.amount, left)
        if amount > 0:
            found.append(_with_amount(target, amount))
            left -= amount
    return found


def _with_amount(target: AllocationTarget, amount: Decimal) -> AllocationTarget:
    return AllocationTarget(amount, advance=target.advance, supplier=target.supplier, is_due=target.is_due)


def refuse_closed(allocations: Sequence[CollectionAllocation]) -> None:
    """Raise CorrectionError for what a repurchase or a write-off has counted on."""
    for one in allocations:
        is_paid = one.kind == CollectionAllocation.Kind.ADVANCE and one.advance is not None
        if is_paid and one.advance is not None and one.advance.status in BLOCKING_STATUSES:
            status = one.advance.get_status_display().lower()
            raise CorrectionError(
                gettext("%(advance)s was %(status)s after this payment: take that back first.")
                % {"advance": one.advance, "status": status}
            )
