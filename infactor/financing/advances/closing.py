"""Closing an advance: what settlement, repurchase and write-off have in common."""

from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from infactor.core.transitions import move
from infactor.financing.accounting.payoff import PayoffError
from infactor.financing.advances import cases
from infactor.financing.eligibility import recalculation
from infactor.financing.invoice_state import lock_invoices, move_invoice
from infactor.financing.models import ADVANCE_TRANSITIONS, OUTSTANDING_STATUSES, Advance
from infactor.financing.pricing.price import Fee
from infactor.invoices.states import State
from infactor.users.models import User

SETTLE_ADVANCES = "financing.settle_advances"
CHARGE_SUPPLIERS = "financing.charge_suppliers"


def get_outstanding_advance(*, advance: Advance) -> Advance:
    """Read `advance` again under the supplier's lock. Raises PayoffError unless it is funded and not closed."""
    current = Advance.objects.select_related("terms", "supplier", "invoice").get(pk=advance.pk)
    if current.status not in OUTSTANDING_STATUSES:
        raise PayoffError(
            _("This advance is not outstanding: %(status)s.") % {"status": current.get_status_display().lower()}
        )
    return current


def close(
    *,
    advance: Advance,
    to: str,
    closed_on: date,
    fee: Fee,
    rebate: Decimal | None,
    by: User,
    at: datetime,
    reason: str = "",
) -> Advance:
    """Close the advance, its invoice and its open cases. `fee` and `rebate` are final; amounts in its currency."""
    closed = move(
        advance,
        to=to,
        transitions=ADVANCE_TRANSITIONS,
        by=by,
        at=at,
        supplier_id=advance.supplier_id,
        reason=reason,
        changes={
            "ended_on": closed_on,
            "fee": fee.amount,
            "late_fee": fee.late.amount,
            "fee_days": fee.days,
            "rebate": rebate,
            "reason": reason[:300],
        },
    )
    invoice = lock_invoices(ids=[advance.invoice_id])[advance.invoice_id]
    move_invoice(invoice, to=State.COMPLETED, by=by, at=at, reason=reason)
    cases.close_with_advance(advance=closed, by=by, at=at)
    recalculation.request_recalculation_for_invoices(invoice_ids=[advance.invoice_id])
    return closed
