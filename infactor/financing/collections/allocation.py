"""Allocation: what an amount of a payment is for, and how it is split by the books as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from infactor.core.money import InvalidAmount, validate_amount
from infactor.financing.accounting import balances
from infactor.financing.collections import recoveries
from infactor.financing.collections.incoming import CollectionError
from infactor.financing.models import OUTSTANDING_STATUSES, Advance, CollectionAllocation
from infactor.ledger.models import Purpose
from infactor.suppliers.models import Supplier

Kind = CollectionAllocation.Kind


@dataclass(frozen=True)
class AllocationTarget:
    """What an amount of a payment is for, in the payment's currency.

    An advance: the buyer paid its invoice, and any surplus belongs to the supplier. A supplier alone: a debt to
    infactor (`is_due`), or the payment of an invoice that is not financed, to be remitted.
    """

    amount: Decimal
    advance: Advance | None = None
    supplier: Supplier | None = None
    is_due: bool = False


@dataclass(frozen=True)
class AllocationPart:
    """A part of a payment with its kind: what `preview_allocation` makes of a target."""

    kind: str
    supplier_id: int
    amount: Decimal
    advance: Advance | None = None


def preview_allocation(*, target: AllocationTarget, currency: str) -> list[AllocationPart]:
    """How the amount of `target` would be allocated by the books as they are. Raises CollectionError."""
    amount = validated_amount(target.amount, currency)
    advance = target.advance
    if advance is None:
        if target.supplier is None:
            raise CollectionError(_("Choose an advance or a supplier."))
        if not target.is_due:
            return [AllocationPart(Kind.PAYABLE, target.supplier.pk, amount)]
        owed = balances.supplier_balance(
            purpose=Purpose.DUE_FROM_SUPPLIER, supplier_id=target.supplier.pk, currency=currency
        )
        return _split(target.supplier.pk, amount, [(Kind.DUE, owed)], None)
    if advance.currency != currency:
        raise CollectionError(
            _("This advance is in %(currency)s, the payment in %(currency_2)s.")
            % {"currency": advance.currency, "currency_2": currency}
        )
    if advance.status in OUTSTANDING_STATUSES:
        left = balances.outstanding(advance=advance).receivable
        return _split(advance.supplier_id, amount, [(Kind.ADVANCE, left)], advance)
    if advance.status == Advance.Status.WRITTEN_OFF:
        open_amounts = recoveries.recoverable(advance=advance)
        limits = zip((Kind.RECOVERY, Kind.FEE, Kind.LATE_FEE, Kind.COST), open_amounts, strict=True)
        return _split(advance.supplier_id, amount, list(limits), advance)
    # Not funded, or closed: the buyer's money belongs to the supplier.
    return [AllocationPart(Kind.PAYABLE, advance.supplier_id, amount, advance)]


def validated_amount(amount: Decimal, currency: str) -> Decimal:
    """`amount` in cents. Raises CollectionError unless it is above zero and can be paid in `currency`."""
    try:
        validated = validate_amount(amount, currency)
    except InvalidAmount as error:
        raise CollectionError(_("This is not an amount of money: %(error)s.") % {"error": error}) from error
    if validated <= 0:
        raise CollectionError(_("Enter an amount above zero."))
    return validated


def _split(
    supplier_id: int, amount: Decimal, limits: Sequence[tuple[str, Decimal]], advance: Advance | None
) -> list[AllocationPart]:
    """`amount` up to each limit for its kind, one after the other. The surplus belongs to the supplier."""
    parts, left = [], amount
    for kind, limit in limits:
        own = max(min(left, limit), Decimal(0))
        parts.append(AllocationPart(kind, supplier_id, own, advance))
        left -= own
    parts.append(AllocationPart(Kind.PAYABLE, supplier_id, left, advance))
    return [part for part in parts if part.amount > 0]
