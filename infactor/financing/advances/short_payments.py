"""Short payments: accept that a buyer pays less than the face of the invoice."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.core.money import InvalidAmount, format_number, validate_amount
from infactor.financing import dual_control, emails, holds, locks
from infactor.financing.accounting import balances, journal
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.accounting.payoff import PayoffError, require_money_left
from infactor.financing.advances import closing, collected
from infactor.financing.eligibility import recalculation
from infactor.financing.models import Advance
from infactor.financing.value_dates import validate_value_date
from infactor.users import roles
from infactor.users.models import User


def accept_short_payment(
    *,
    advance: Advance,
    amount: Decimal,
    value_date: date,
    by: User,
    at: datetime,
    reason: str,
    approver: User | None = None,
) -> Advance:
    """Accept that the buyer pays `amount` less, for instance after a credit memo or a deduction.

    The reserve covers it; beyond the reserve the supplier owes it, which an underwriter approves. If nothing is
    outstanding after that, the advance is closed short. Refused while a dispute is open: its outcome decides. Raises
    NotAllowed, PayoffError, ApproverRequired, InvalidValueDate.
    """
    roles.require(by, closing.SETTLE_ADVANCES)
    if not reason.strip():
        raise PayoffError(_("Enter why the buyer pays less: the supplier reads it."))
    with transaction.atomic():
        supplier = locks.lock_supplier_and_debtors(supplier_id=advance.supplier_id)
        current = closing.get_outstanding_advance(advance=advance)
        validate_value_date(value_date, at=at, not_before=current.funded_on)
        if holds.is_reserve_held(advance=current):
            raise PayoffError(_("A dispute is open. Decide it first: its outcome says what the buyer pays."))
        outstanding = balances.outstanding(advance=current)
        try:
            amount = validate_amount(amount, current.currency)
        except InvalidAmount as error:
            raise PayoffError(_("This is not an amount of money: %(error)s.") % {"error": error}) from error
        if not 0 < amount <= outstanding.receivable:
            raise PayoffError(
                _("Only %(receivable)s %(currency)s is outstanding.")
                % {"receivable": format_number(outstanding.receivable, places=2), "currency": current.currency}
            )
        terms = dual_control.current_terms(supplier=supplier, currency=current.currency, at=at)
        # What was accepted of it before counts: it cannot be accepted in parts to avoid a second person.
        total = journal.shortage(advance=current) + amount
        dual_control.require_approver_from_threshold(by=by, approver=approver, amount=total, terms=terms)
        if amount > outstanding.reserve:
            # Beyond it the supplier would owe what it has not got, and get it all the same.
            require_money_left(advance=current)
            _require_underwriter(by=by, approver=approver)
        posted = journal.post_short_payment(
            advance=current,
            amount=amount,
            reserve=outstanding.reserve,
            context=PostingContext(value_date, at, by),
        )
        audit.record(
            event="advance.short_payment_accepted",
            subject=current,
            by=by,
            at=at,
            supplier_id=current.supplier_id,
            reason=reason,
            details={"amount": f"{amount}", "approver": approver and approver.pk},
        )
        emails.short_payment_accepted(
            advance=current, number=int(posted.reference.rpartition(":")[2]), amount=amount, reason=reason
        )
        if amount == outstanding.receivable:
            current = collected.mark_collected(advance=current, by=by, at=at)
        recalculation.request_recalculation_for_invoices(invoice_ids=[current.invoice_id])
        return current


def _require_underwriter(*, by: User, approver: User | None) -> None:
    """Raise ApproverRequired unless an underwriter approves: the supplier's debt is a matter of credit."""
    reason = _("The reserve does not cover it, so the supplier would owe it: an underwriter must approve this.")
    dual_control.require_approver(by=by, approver=approver, reason=reason, permission=closing.CHARGE_SUPPLIERS)
