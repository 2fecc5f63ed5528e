"""Dual control: which actions need a second person, such as a payout from the threshold up, and the check of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
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
# Why a second person would be needed for what is being rehearsed; None outside a rehearsal.
_rehearsed: ContextVar[list[str] | None] = ContextVar("rehearsed", default=None)


class ApproverRequired(Exception):
    """One person may not do this alone. Nothing was written. A second person must approve it: see `approvals`."""


def require_approver_from_threshold(*, by: User, approver: User | None, amount: Decimal, terms: FundingTerms) -> None:
    """Raise ApproverRequired if `amount` reaches the threshold of `terms` and there is no second person.

    Raises NotAllowed if the second person's role does not allow approving.
    """
    if amount >= terms.dual_control_threshold:
        require_approver(
            by=by,
            approver=approver,
            reason=reason_for_dual_control(amount=amount, recent=ZERO, supplier=None, terms=terms),
        )


def require_approver(*, by: User, approver: User | None, reason: str, permission: str = APPROVE_MONEY_OUT) -> None:
    """Raise ApproverRequired with `reason` unless `approver` is a second person; NotAllowed if they may not approve.

    `permission`: what the second person needs besides, such as to be an underwriter; ApproverRequired without it.
    """
    reasons = _rehearsed.get()
    if reasons is not None and approver is None:
        reasons.append(reason)
        return
    if approver is None or approver.pk == by.pk:
        raise ApproverRequired(reason)
    roles.require(approver, APPROVE_MONEY_OUT)
    if not approver.has_perm(permission):
        raise ApproverRequired(reason)


@contextmanager
def rehearsal() -> Iterator[list[str]]:
    """Within it nothing waits for a second person: a preview does all of an act, to check it, and rolls it back.

    Gives the list of why one would be needed, a sentence each, which fills as the act goes on.
    """
    reasons: list[str] = []
    token = _rehearsed.set(reasons)
    try:
        yield reasons
    finally:
        _rehearsed.reset(token)


def rehearsed_reasons() -> list[str]:
    """Why a second person would be needed for what was rehearsed so far; empty outside a rehearsal."""
    return list(_rehearsed.get() or ())


def current_terms(*, supplier: Supplier, currency: str, at: datetime) -> FundingTerms:
    """The terms whose threshold counts: today's, not those of the offer. Raises terms_in_force.TermsNotSet."""
    return terms_in_force.terms_for(supplier=supplier, currency=currency, on=supplier_today(supplier=supplier, at=at))


def require_approver_for_payout(
    *, by: User, approver: User | None, amount: Decimal, supplier: Supplier, currency: str, at: datetime
) -> None:
    """The second person of a payout: it counts together with recent payouts to `supplier` without an approver.

    The caller has locked the supplier, so concurrent payouts are counted one after the other. Raises ApproverRequired,
    terms_in_force.TermsNotSet, and NotAllowed also for a person who acts for the supplier.
    """
    terms = current_terms(supplier=supplier, currency=currency, at=at)
    if Membership.objects.filter(
        supplier=supplier, user__in=[one for one in (by, approver) if one is not None]
    ).exists():
        raise roles.NotAllowed("A person who acts for a company may not pay it. Somebody else at infactor must.")
    recent = unapproved_payouts_today(supplier=supplier, currency=currency, at=at) if amount > 0 else ZERO
    if amount + recent >= terms.dual_control_threshold:
        require_approver(
            by=by,
            approver=approver,
            reason=reason_for_dual_control(amount=amount, recent=recent, supplier=supplier, terms=terms),
        )


def unapproved_payouts_today(*, supplier: Supplier, currency: str, at: datetime) -> Decimal:
    """What was paid to `supplier` within a day, for any purpose and by anybody, without a second person.

    Returned payouts count too: otherwise recording a return would allow the next part of a split payment.
    """
    rows = Payout.objects.filter(
        supplier=supplier, currency=currency, approved_by__isnull=True, prepared_at__gt=at - DUAL_CONTROL_WINDOW
    )
    return rows.aggregate(sum=Sum("amount"))["sum"] or ZERO


def reason_for_dual_control(*, amount: Decimal, recent: Decimal, supplier: Supplier | None, terms: FundingTerms) -> str:
    """Why a second person is needed, as a sentence; empty if one person may do it."""
    if amount + recent < terms.dual_control_threshold:
        return ""
    threshold, currency = f"{terms.dual_control_threshold:,.2f}", terms.currency
    if amount >= terms.dual_control_threshold or not recent:
        return f"From {threshold} {currency} up, a second person must approve this."
    return (
        f"{recent:,.2f} {currency} was paid to {supplier} within a day without a second person. "
        f"From {threshold} {currency} up in total, a second person must approve this."
    )
