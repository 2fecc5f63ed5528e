"""Credit limits: staff set the limit of a buyer, of a supplier, or of both together."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

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
    """Set the limit of a buyer (`debtor`), of a supplier, or of both together. What is out already stays.

    A limit is raised to an amount from which a second person is needed only with one. Raises NotAllowed,
    SettingRefused, SecondPersonNeeded.
    """
    roles.require(by, "financing.set_limits")
    if debtor is None and supplier is None:
        raise PolicyError("Say whose limit it is.")
    if amount < 0 or not reason.strip():
        raise PolicyError("Enter an amount of zero or more, and say why.")
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
                "second": approver and approver.pk,
            },
        )
        concerned = [supplier.pk] if supplier is not None else suppliers_of(debtor)
        recalculation.request_recalculation(supplier_ids=concerned)
        return limit


def current_limit(*, debtor: Debtor | None, supplier: Supplier | None, currency: str) -> Limit | None:
    """The limit that staff set last for exactly these, if any."""
    return Limit.objects.filter(debtor=debtor, supplier=supplier, currency=currency).order_by("-set_at", "-pk").first()


def suppliers_of(debtor: Debtor | None) -> list[int]:
    """Every supplier that has a buyer who is this debtor."""
    return sorted(set(Buyer.objects.filter(debtor=debtor).values_list("supplier_id", flat=True))) if debtor else []
