"""Settlement: charge the fee and release the reserve once the buyer has paid."""

from datetime import date, datetime

from django.db import transaction

from infactor.financing import dual_control, emails, holds, locks, netting, payouts
from infactor.financing.accounting import journal
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.accounting.payoff import PayoffError, quote_settlement
from infactor.financing.advances import closing
from infactor.financing.models import Advance, Netting, Payout
from infactor.financing.notices import releases
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
    with_set_off: bool | None = None,
) -> Advance:
    """Charge the fee for the actual days, and prepare the payout of the rest of the reserve, the rebate.

    What the supplier owes infactor is deducted from the rebate first, `with_set_off`; None: if the terms of the advance
    allow it. Raises NotAllowed, PayoffError (not collected, closed already, or disputed), ApproverRequired,
    InvalidValueDate.
    """
    roles.require(by, closing.SETTLE_ADVANCES)
    with transaction.atomic():
        supplier = locks.lock_supplier_and_debtors(supplier_id=advance.supplier_id)
        current = closing.get_outstanding_advance(advance=advance)
        if held := holds.hold_reason(advance=current):
            raise PayoffError(held)
        settlement = quote_settlement(advance=current, with_set_off=with_set_off)
        validate_value_date(value_date, at=at, not_before=current.collected_on)
        dual_control.require_approver_for_payout(
            by=by, approver=approver, amount=settlement.rebate, supplier=supplier, currency=current.currency, at=at
        )
        settled = closing.close(
            advance=current,
            to=Advance.Status.SETTLED,
            closed_on=value_date,
            fee=settlement.fee,
            rebate=settlement.rebate,
            by=by,
            at=at,
        )
        payout = None
        if settlement.rebate > 0:
            payout = payouts.create(
                supplier=supplier,
                purpose=Payout.Purpose.REBATE,
                currency=settled.currency,
                amount=settlement.rebate,
                value_date=value_date,
                by=by,
                at=at,
                approver=approver,
                advance=settled,
                without_netting=not (current.terms.nets_from_rebates if with_set_off is None else with_set_off),
            )
        if settlement.reserve or settlement.fee.amount:
            journal.post_settlement(
                advance=settled,
                payout=payout,
                reserve=settlement.reserve,
                fee=settlement.fee,
                set_off=settlement.set_off,
                context=PostingContext(value_date, at, by),
            )
        netting.record(
            source=Netting.Source.REBATE,
            supplier=supplier,
            advance=settled,
            currency=settled.currency,
            amount=settlement.set_off,
            value_date=value_date,
            by=by,
            at=at,
        )
        releases.fulfil(advance=settled, by=by, at=at)
        emails.settled(advance=settled, settlement=settlement)
        return settled
