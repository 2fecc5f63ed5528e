"""Collection costs: what infactor pays to collect an invoice. A payment after a write-off repays them."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.core.money import InvalidAmount, validate_amount
from infactor.financing import dual_control, locks
from infactor.financing.accounting import reversals
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.accounting.payoff import PayoffError
from infactor.financing.advances import closing
from infactor.financing.models import Advance, CollectionCost, Payee
from infactor.financing.value_dates import validate_value_date
from infactor.users import roles
from infactor.users.models import User

# While the buyer owes it, and after infactor has given it up.
STATUSES = (Advance.Status.FUNDED, Advance.Status.WRITTEN_OFF)


def record(
    *,
    advance: Advance,
    amount: Decimal,
    payee: Payee,
    value_date: date,
    by: User,
    at: datetime,
    reason: str,
    approver: User | None = None,
) -> CollectionCost:
    """Record that infactor pays `amount` to `payee` to collect the invoice of `advance`, in its currency.

    It is paid by hand at the bank, and in transit until a statement has the debit.

    Raises NotAllowed, PayoffError, ApproverRequired, InvalidValueDate.
    """
    roles.require(by, closing.SETTLE_ADVANCES)
    if not reason.strip():
        raise PayoffError(_("Enter what was paid for."))
    try:
        amount = validate_amount(amount, advance.currency)
    except InvalidAmount as error:
        raise PayoffError(_("This is not an amount of money: %(error)s.") % {"error": error}) from error
    if amount <= 0:
        raise PayoffError(_("Enter an amount above zero."))
    with transaction.atomic():
        supplier = locks.lock_supplier_and_debtors(supplier_id=advance.supplier_id)
        current = Advance.objects.select_related("invoice", "supplier").get(pk=advance.pk)
        if current.status not in STATUSES:
            raise PayoffError(_("The buyer owes nothing of this advance: there is nothing to collect."))
        validate_value_date(value_date, at=at, not_before=current.funded_on)
        terms = dual_control.current_terms(supplier=supplier, currency=current.currency, at=at)
        dual_control.require_approver_from_threshold(by=by, approver=approver, amount=amount, terms=terms)
        cost = CollectionCost.objects.create(
            advance=current,
            amount=amount,
            value_date=value_date,
            payee=payee,
            reason=reason.strip()[:300],
            paid_by=by,
            paid_at=at,
            approved_by=approver,
        )
        reversals.post_collection_cost(cost=cost, advance=current, context=PostingContext(value_date, at, by))
        audit.record(
            event="advance.collection_cost",
            subject=current,
            by=by,
            at=at,
            supplier_id=supplier.pk,
            reason=reason,
            details={"amount": f"{amount}", "cost": cost.pk, "payee": payee.pk},
        )
        return cost
