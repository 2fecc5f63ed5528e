"""Settlement: charge the fee and release the reserve once the buyer has paid."""

from datetime import date, datetime

from django.db import transaction

from infactor.financing import dual_control, emails, locks, payouts
from infactor.financing.accounting import journal
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.accounting.payoff import PayoffError, quote_settlement
from infactor.financing.advances import cases, closing
from infactor.financing.models import Advance, Payout
from infactor.financing.value_dates import validate_value_date
from infactor.users import roles
from infactor.users.models import User


def settle(
    *,
    advance: Advance,
    value_date: date,
    by: User,
    at: datetime,
    approver: User | None = None,
    with_set_off: bool = False,
) -> Advance:
    """Take the fee for the real days out of the reserve and pay the rest to the supplier.

    With `sets_off` what the supplier owes infactor is kept back first, as far as the rest goes.

    Raises NotAllowed, NotEnded (not paid yet, ended before, or a dispute is open), SecondPersonNeeded.
    """
    roles.require(by, closing.SETTLE_ADVANCES)
    with transaction.atomic():
        supplier = locks.lock_supplier_and_debtors(supplier_id=advance.supplier_id)
        current = closing.get_outstanding_advance(advance=advance)
        if cases.is_reserve_held(advance=current):
            raise PayoffError("A dispute is open: its reserve is held until it is decided.")
        told = quote_settlement(advance=current, with_set_off=with_set_off)
        validate_value_date(value_date, at=at, not_before=current.collected_on, supplier=supplier)
        dual_control.require_approver_for_payout(
            by=by, approver=approver, amount=told.rebate, supplier=supplier, currency=current.currency, at=at
        )
        ended = closing.close(
            advance=current, to=Advance.Status.SETTLED, on=value_date, fee=told.fee, rebate=told.rebate, by=by, at=at
        )
        if told.reserve or told.fee.amount:
            journal.post_settlement(
                advance=ended,
                reserve=told.reserve,
                fee=told.fee.amount,
                set_off=told.set_off,
                context=PostingContext(value_date, at, by),
            )
        if told.rebate > 0:
            payouts.create(
                supplier=supplier,
                purpose=Payout.Purpose.REBATE,
                currency=ended.currency,
                amount=told.rebate,
                value_date=value_date,
                by=by,
                at=at,
                approver=approver,
                advance=ended,
            )
        emails.settled(advance=ended, settlement=told)
        return ended
