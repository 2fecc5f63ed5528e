"""Repurchase: the supplier buys an unpaid invoice back under recourse, and owes its price until it has paid."""

from datetime import date, datetime

from django.db import transaction

from infactor.financing import dual_control, emails, locks
from infactor.financing.accounting import journal
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.accounting.payoff import earliest_closing_date, quote_repurchase
from infactor.financing.advances import closing
from infactor.financing.models import Advance, Notice
from infactor.financing.notices import releases
from infactor.financing.value_dates import validate_value_date
from infactor.users import roles
from infactor.users.models import User


def repurchase(
    *, advance: Advance, value_date: date, by: User, at: datetime, reason: str, approver: User | None = None
) -> Advance:
    """Demand that the supplier buys the invoice back on `value_date`: from then on it owes infactor the price.

    No money moves. A payment that is matched to the debt pays it, or it is netted with what the supplier would be paid.
    Raises NotAllowed, PayoffError, ApproverRequired, InvalidValueDate.
    """
    roles.require(by, closing.SETTLE_ADVANCES)
    with transaction.atomic():
        supplier = locks.lock_supplier_and_debtors(supplier_id=advance.supplier_id)
        current = closing.get_outstanding_advance(advance=advance)
        validate_value_date(value_date, at=at, not_before=earliest_closing_date(advance=current))
        quote = quote_repurchase(advance=current, on=value_date, locks_payout=True)
        terms = dual_control.current_terms(supplier=supplier, currency=current.currency, at=at)
        dual_control.require_approver_from_threshold(by=by, approver=approver, amount=quote.payment, terms=terms)
        repurchased = closing.close(
            advance=current,
            to=Advance.Status.REPURCHASED,
            closed_on=value_date,
            fee=quote.fee,
            rebate=None,
            by=by,
            at=at,
            reason=reason,
        )
        journal.post_repurchase(
            advance=repurchased,
            outstanding=quote.outstanding,
            fee=quote.fee,
            context=PostingContext(value_date, at, by),
        )
        releases.release(advance=repurchased, reason=Notice.ReleaseReason.REPURCHASED, by=by, at=at)
        emails.repurchased(advance=repurchased, repurchase=quote)
        return repurchased
