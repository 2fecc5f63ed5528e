"""What every way to close an advance shares: the check that it is outstanding, and the closing itself."""

from datetime import date, datetime
from decimal import Decimal

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


def get_outstanding_advance(*, advance: Advance) -> Advance:
    """The row as it is now, under the supplier's lock. Raises NotEnded unless it is funded and has not ended."""
    current = Advance.objects.select_related("terms", "supplier", "invoice").get(pk=advance.pk)
    if current.status not in OUTSTANDING_STATUSES:
        raise PayoffError(f"This advance is not out: {current.get_status_display().lower()}.")
    return current


def close(
    *,
    advance: Advance,
    to: str,
    on: date,
    fee: Fee,
    rebate: Decimal | None,
    by: User,
    at: datetime,
    why: str = "",
) -> Advance:
    """The row and its invoice are over; what staff had to look at about it, too."""
    ended = move(
        advance,
        to=to,
        transitions=ADVANCE_TRANSITIONS,
        by=by,
        at=at,
        supplier_id=advance.supplier_id,
        reason=why,
        changes={"ended_on": on, "fee": fee.amount, "fee_days": fee.days, "rebate": rebate, "reason": why[:300]},
    )
    invoice = lock_invoices(ids=[advance.invoice_id])[advance.invoice_id]
    move_invoice(invoice, to=State.COMPLETED, by=by, at=at, reason=why)
    cases.close_with_advance(advance=ended, by=by, at=at)
    recalculation.request_recalculation_for_invoices(invoice_ids=[advance.invoice_id])
    return ended
