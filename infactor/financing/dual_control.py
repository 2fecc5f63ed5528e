"""When something needs two people, and that it had them. The asking stands in `approvals`."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Sum

from infactor.financing import terms_in_force
from infactor.financing.models import FundingTerms, Payout
from infactor.financing.value_dates import supplier_today
from infactor.suppliers.models import Membership, Supplier
from infactor.users import roles
from infactor.users.models import User

APPROVE_MONEY_OUT = "financing.approve_money_out"
DUAL_CONTROL_WINDOW = timedelta(days=1)
ZERO = Decimal("0.00")


class ApproverRequired(Exception):
    """Nobody may do this alone; nothing was written. Ask for it: a second person approves."""


def require_approver_from_threshold(*, by: User, approver: User | None, amount: Decimal, terms: FundingTerms) -> None:
    """`amount` is below what one person may move, or `second` is another one who may approve.

    Raises SecondPersonNeeded, and NotAllowed for a second person whose role does not allow it.
    """
    if amount >= terms.dual_control_threshold:
        require_approver(
            by=by,
            approver=approver,
            reason=reason_for_dual_control(amount=amount, recent=ZERO, supplier=None, terms=terms),
        )


def require_approver(*, by: User, approver: User | None, reason: str) -> None:
    """`second` is another one than `by`, who may approve. Raises SecondPersonNeeded with `why`, and NotAllowed."""
    if approver is None or approver.pk == by.pk:
        raise ApproverRequired(reason)
    roles.require(approver, APPROVE_MONEY_OUT)


def current_terms(*, supplier: Supplier, currency: str, at: datetime) -> FundingTerms:
    """The terms whose amount counts: those of today, whatever an offer was made under. Raises versions.NoTerms."""
    return terms_in_force.terms_for(supplier=supplier, currency=currency, on=supplier_today(supplier=supplier, at=at))


def require_approver_for_payout(
    *, by: User, approver: User | None, amount: Decimal, supplier: Supplier, currency: str, at: datetime
) -> None:
    """The same for money that goes to `supplier`, with all that went to it within a day on one person's word.

    The caller holds the supplier, so that two payouts at once are counted one after the other. Raises NotAllowed also
    for who acts for the supplier, and versions.NoTerms.
    """
    terms = current_terms(supplier=supplier, currency=currency, at=at)
    if Membership.objects.filter(
        supplier=supplier, user__in=[one for one in (by, approver) if one is not None]
    ).exists():
        raise roles.NotAllowed("Who acts for a company does not pay it: somebody else at infactor has to.")
    lately = unapproved_payouts_today(supplier=supplier, currency=currency, at=at) if amount > 0 else ZERO
    if amount + lately >= terms.dual_control_threshold:
        require_approver(
            by=by,
            approver=approver,
            reason=reason_for_dual_control(amount=amount, recent=lately, supplier=supplier, terms=terms),
        )


def unapproved_payouts_today(*, supplier: Supplier, currency: str, at: datetime) -> Decimal:
    """What went to `supplier` within a day, for whatever reason and by whomever, that no second person approved.

    What came back counts, too: who would split a payment writes that down as well.
    """
    rows = Payout.objects.filter(
        supplier=supplier, currency=currency, approved_by__isnull=True, sent_at__gt=at - DUAL_CONTROL_WINDOW
    )
    return rows.aggregate(sum=Sum("amount"))["sum"] or ZERO


def reason_for_dual_control(*, amount: Decimal, recent: Decimal, supplier: Supplier | None, terms: FundingTerms) -> str:
    """Why this takes two people, in words; empty where one may do it."""
    if amount + recent < terms.dual_control_threshold:
        return ""
    most, currency = f"{terms.dual_control_threshold:,.2f}", terms.currency
    if amount >= terms.dual_control_threshold or not recent:
        return f"From {most} {currency} up a second person has to approve this."
    return (
        f"{recent:,.2f} {currency} went to {supplier} within a day on one person's word. From {most} {currency} up, "
        "counted together, a second person has to approve this."
    )
