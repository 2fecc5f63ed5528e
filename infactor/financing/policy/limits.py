"""Credit limits: staff set the limit of a buyer, of a supplier, or of a buyer with one supplier."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.financing.eligibility import recalculation
from infactor.financing.models import Limit
from infactor.financing.policy.authorization import PolicyError, require_approver_for_amount
from infactor.invoices.models import Buyer, Debtor
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User


def set_limit(
    *,
    amount: Decimal,
    currency: str,
    reason: str,
    by: User,
    at: datetime,
    debtor: Debtor | None = None,
    supplier: Supplier | None = None,
    approver: User | None = None,
) -> Limit:
    """Set the limit of a buyer (`debtor`), of a supplier, or of both together. Outstanding advances are not affected.

    Raising a limit to the dual control threshold takes a second person. Raises NotAllowed, PolicyError,
    ApproverRequired.
    """
    roles.require(by, "financing.set_limits")
    if debtor is None and supplier is None:
        raise PolicyError(_("Choose a buyer, a supplier, or both."))
    if amount < 0 or not reason.strip():
        raise PolicyError(_("Enter an amount of zero or more, and a reason."))
    with transaction.atomic():
        before = current_limit(debtor=debtor, supplier=supplier, currency=currency)
        if before is None or amount > before.amount:
            require_approver_for_amount(by, approver, amount, currency, supplier=supplier, at=at)
        limit = Limit.objects.create(
            debtor=debtor, supplier=supplier, currency=currency, amount=amount, reason=reason, set_by=by, set_at=at
        )
        audit.record(
            event="limit.set",
            subject=limit,
            by=by,
            at=at,
            supplier_id=supplier.pk if supplier else None,
            reason=reason,
            details={
                "debtor": debtor and debtor.pk,
                "currency": currency,
                "from": before and str(before.amount),
                "to": str(amount),
                "approver": approver and approver.pk,
            },
        )
        supplier_ids = [supplier.pk] if supplier is not None else supplier_ids_of_debtor(debtor)
        recalculation.request_recalculation(supplier_ids=supplier_ids)
        return limit


def current_limit(*, debtor: Debtor | None, supplier: Supplier | None, currency: str) -> Limit | None:
    """The last limit that staff set for exactly this debtor, supplier and currency, if any."""
    return Limit.objects.filter(debtor=debtor, supplier=supplier, currency=currency).order_by("-set_at", "-pk").first()


def supplier_ids_of_debtor(debtor: Debtor | None) -> list[int]:
    """The keys of all suppliers with a buyer that is this debtor."""
    return sorted(set(Buyer.objects.filter(debtor=debtor).values_list("supplier_id", flat=True))) if debtor else []
