"""Funding taken back: an advance was paid out, and its money never left. It is as if nothing had been bought."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core.business_day import business_day
from infactor.core.money import format_amount
from infactor.core.transitions import Transitions, move
from infactor.financing import locks
from infactor.financing.accounting import references, reversals
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.advances import cases, closing
from infactor.financing.corrections import records
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.eligibility import recalculation
from infactor.financing.invoice_state import lock_invoices, revert_invoice
from infactor.financing.models import (
    LIVE_STATUSES,
    NOT_ARRIVED,
    PAYOUT_TRANSITIONS,
    UNSENT,
    Advance,
    CollectionAllocation,
    Correction,
    Netting,
    Notice,
    Payout,
)
from infactor.financing.money_out import approval
from infactor.financing.notices import releases
from infactor.ledger.models import Transaction
from infactor.users import roles
from infactor.users.models import User

TAKE_BACK_TRANSITIONS = Transitions(field="status", allowed={Advance.Status.FUNDED: (Advance.Status.CANCELLED,)})


def take_back(*, advance: Advance, by: User, at: datetime, reason: str, approver: User | None = None) -> Correction:
    """Take back the funding of `advance`, whose payout was not sent, was stopped, or came back.

    Its postings are reversed on their own days, so no fee was ever earned, and what was netted is owed again. The
    payout is cancelled, the buyer released, and the invoice in the state before its request: it can be requested again.
    Raises NotAllowed, CorrectionError, ApproverRequired.
    """
    roles.require(by, closing.SETTLE_ADVANCES)
    records.require_reason(reason)
    with transaction.atomic():
        supplier = locks.lock_supplier_and_debtors(supplier_id=advance.supplier_id)
        rows = Advance.objects.select_related("supplier", "invoice", "offer_line__request_line__request")
        current = rows.get(pk=advance.pk)
        found = payout_of(advance=current)
        payout = approval.lock(payout_ids=[found.pk])[0] if found is not None else None
        blocker = blocker_of(advance=current, payout=payout)
        if payout is None or blocker:
            raise CorrectionError(blocker)
        never_left = format_amount(payout.amount, payout.currency)
        posted = _undo(current, payout, by=by, at=at, reason=reason)
        day = current.funded_on or business_day(at)
        posted += reversals.level_supplier(
            supplier_id=supplier.pk, currency=current.currency, context=PostingContext(day, at, by)
        )
        _cancel_payout(payout, by=by, at=at, reason=reason)
        cancelled = _cancel_advance(current, by=by, at=at, reason=reason)
        records.require_approver(
            by=by, approver=approver, amount=current.amount, currency=current.currency, suppliers=[supplier], at=at
        )
        return records.save(
            kind=Correction.Kind.FUNDING,
            of=cancelled,
            amount=current.amount,
            change=f"invoice {current.invoice} was not bought: {never_left} never left",
            reason=reason,
            posted=posted,
            suppliers=[supplier],
            by=by,
            approver=approver,
            at=at,
        )


def payout_of(*, advance: Advance) -> Payout | None:
    """The last payout of the money of `advance`; None where there is none, or it is not owed any more."""
    rows = Payout.objects.filter(
        advance=advance, purpose=Payout.Purpose.ADVANCE, status__in=[*LIVE_STATUSES, *NOT_ARRIVED]
    )
    return rows.first()


def is_unsent(payout: Payout | None) -> bool:
    """Whether the money of a last payout is still, or again, at infactor."""
    return payout is not None and payout.status in (*UNSENT, *NOT_ARRIVED)


def blocker_of(*, advance: Advance, payout: Payout | None) -> str:
    """Why the funding of `advance` with this last payout cannot be taken back, and what to do; "" if it can."""
    if advance.status != Advance.Status.FUNDED:
        status = str(advance.get_status_display()).lower()
        return _("This advance is %(status)s: there is no funding to take back.") % {"status": status}
    if payout is None:
        return _("All of it paid what the supplier owed: it has had the money. Demand a repurchase.")
    if not is_unsent(payout):
        status = str(payout.get_status_display()).lower()
        return _(
            "%(payout)s has left: %(status)s. If the bank never got its file, withdraw the batch; if it returned it, "
            "record the return. Else demand a repurchase."
        ) % {"payout": payout, "status": status}
    if CollectionAllocation.objects.filter(advance=advance, reversed_at__isnull=True).exists():
        return _("A payment is matched to it. Unmatch that first: the money is the supplier's.")
    if references.in_force(owner=advance.ledger_owner, step="short").exists():
        return _("A short payment of it was accepted. Take that back first.")
    return ""


def _undo(advance: Advance, payout: Payout, *, by: User, at: datetime, reason: str) -> list[Transaction]:
    """Reverse the funding, and each move of its money to a further payout: nothing of it is in transit any more."""
    nettings = list(Netting.objects.filter(advance=advance, undone_at__isnull=True).order_by("pk"))
    posted = reversals.undo_attempts(payout=payout, nettings=nettings, at=at, by=by, description=reason, on=None)
    posted += reversals.undo_steps(owner=advance.ledger_owner, steps=["funded"], at=at, by=by, description=reason)
    Netting.objects.filter(pk__in=[one.pk for one in nettings]).update(undone_at=at)
    return posted


def _cancel_payout(payout: Payout, *, by: User, at: datetime, reason: str) -> None:
    day = max(payout.value_date, business_day(at))
    was_unsent = payout.status in UNSENT
    move(
        payout,
        to=Payout.Status.CANCELLED,
        transitions=PAYOUT_TRANSITIONS,
        by=by,
        at=at,
        supplier_id=payout.supplier_id,
        reason=reason,
        changes={"failed_on": day, "failure_reason": reason.strip()[:300], "batch": None} if was_unsent else {},
    )


def _cancel_advance(advance: Advance, *, by: User, at: datetime, reason: str) -> Advance:
    """The advance is cancelled with its cases and its notice, and its invoice is as before the request."""
    cancelled = move(
        advance,
        to=Advance.Status.CANCELLED,
        transitions=TAKE_BACK_TRANSITIONS,
        by=by,
        at=at,
        supplier_id=advance.supplier_id,
        reason=reason,
        changes={"reason": reason[:300]},
    )
    line = advance.offer_line.request_line
    invoice = lock_invoices(ids=[advance.invoice_id])[advance.invoice_id]
    since = line.request.requested_at
    revert_invoice(invoice, to=line.previous_state, since=since, by=by, at=at, reason=reason)
    cases.close_with_advance(advance=cancelled, by=by, at=at)
    releases.release(advance=cancelled, reason=Notice.ReleaseReason.PAYOUT_FAILED, by=by, at=at)
    recalculation.request_recalculation_for_invoices(invoice_ids=[advance.invoice_id])
    return cancelled
