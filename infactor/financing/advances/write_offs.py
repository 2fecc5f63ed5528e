"""Write-off: give up what nobody pays; the reserve covers the loss first."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.financing import dual_control, emails, locks
from infactor.financing.accounting import balances, journal
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.accounting.payoff import PayoffError, earliest_closing_date, require_money_left
from infactor.financing.advances import closing
from infactor.financing.models import Advance
from infactor.financing.pricing import price
from infactor.financing.value_dates import validate_value_date
from infactor.users import roles
from infactor.users.models import User


def write_off(
    *, advance: Advance, value_date: date, by: User, at: datetime, reason: str, approver: User | None = None
) -> Advance:
    """Write off what is outstanding: the reserve covers it first, the rest is a loss of infactor.

    infactor still owns the invoice, so the buyer's notice of assignment stays valid: what it pays is recovered.

    Raises NotAllowed, PayoffError, ApproverRequired, InvalidValueDate.
    """
    roles.require(by, closing.SETTLE_ADVANCES)
    if not reason.strip():
        raise PayoffError(_("Enter a reason for the write-off."))
    with transaction.atomic():
        supplier = locks.lock_supplier_and_debtors(supplier_id=advance.supplier_id)
        current = closing.get_outstanding_advance(advance=advance)
        validate_value_date(value_date, at=at, not_before=earliest_closing_date(advance=current))
        require_money_left(advance=current)
        outstanding = balances.outstanding(advance=current)
        if outstanding.receivable <= outstanding.reserve:
            raise PayoffError(_("The reserve covers what is outstanding. Accept a short payment, then settle."))
        terms = dual_control.current_terms(supplier=supplier, currency=current.currency, at=at)
        dual_control.require_approver_from_threshold(
            by=by, approver=approver, amount=outstanding.receivable, terms=terms
        )
        no_fee = price.zero_fee(fee_base=current.fee_base)
        written_off = closing.close(
            advance=current,
            to=Advance.Status.WRITTEN_OFF,
            closed_on=value_date,
            fee=no_fee,
            rebate=None,
            by=by,
            at=at,
            reason=reason,
        )
        journal.post_write_off(advance=written_off, outstanding=outstanding, context=PostingContext(value_date, at, by))
        emails.written_off(advance=written_off)
        return written_off
