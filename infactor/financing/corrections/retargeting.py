"""What the parts of a payment were for, to be matched anew with another amount."""

from collections.abc import Sequence
from decimal import Decimal

from infactor.financing.collections.allocation import AllocationTarget
from infactor.financing.models import CollectionAllocation


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
