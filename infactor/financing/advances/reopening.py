"""Reopening: an advance that was settled, bought back or written off is as if that had not happened.

The caller has locked the supplier, and posts what the reopening is for.
"""

from datetime import date, datetime

from infactor.core.transitions import move
from infactor.financing.accounting import journal, reversals
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.eligibility import recalculation
from infactor.financing.invoice_state import lock_invoices, move_invoice
from infactor.financing.models import ADVANCE_TRANSITIONS, OWED_STATUSES, PAYOUT_TRANSITIONS, Advance, Netting, Payout
from infactor.financing.notices import issuance, releases
from infactor.invoices.states import State
from infactor.ledger.models import Transaction
from infactor.users.models import User

S = Advance.Status
CLOSING_STEPS = {
    S.SETTLED: ("settled",),
    S.REPURCHASED: ("repurchased", reversals.AFTER_CLOSING),
    S.WRITTEN_OFF: ("written-off", reversals.AFTER_CLOSING),
}
NOT_CLOSED = {"ended_on": None, "fee": None, "late_fee": None, "fee_days": None, "rebate": None, "reason": ""}


def reopen(
    *, advance: Advance, by: User, at: datetime, reason: str, on: date | None = None
) -> tuple[Advance, list[Transaction]]:
    """Undo what ended `advance`, and return it with the postings of that.

    A settled advance waits to be settled again; the rebate that it paid is owed by the supplier until then. One that
    was bought back or written off is outstanding. The postings have the day `on`, which is that of a returned payment;
    without it each has the day of what it undoes.
    """
    posted = reversals.undo_steps(
        owner=advance.ledger_owner, steps=CLOSING_STEPS[S(advance.status)], at=at, by=by, description=reason, on=on
    )
    was_settled = advance.status == S.SETTLED
    if was_settled:
        posted += _undo_rebate(advance, settled=posted[0].reverses, by=by, at=at, on=on)
    is_short = was_settled and journal.shortage(advance=advance) > 0
    to = S.FUNDED if not was_settled else S.CLOSED_SHORT if is_short else S.COLLECTED
    reopened = move(
        advance,
        to=to,
        transitions=ADVANCE_TRANSITIONS,
        by=by,
        at=at,
        supplier_id=advance.supplier_id,
        reason=reason,
        changes=NOT_CLOSED if was_settled else {**NOT_CLOSED, "collected_on": None},
    )
    invoice = lock_invoices(ids=[advance.invoice_id])[advance.invoice_id]
    move_invoice(invoice, to=State.PAID if to == S.COLLECTED else State.PREPAID, by=by, at=at, reason=reason)
    if releases.reinstate(advance=reopened, by=by, at=at) is None and reopened.funded_on is not None:
        issuance.send(advance=reopened, bought_on=reopened.funded_on, by=by, at=at)
    recalculation.request_recalculation_for_invoices(invoice_ids=[advance.invoice_id])
    return reopened, posted


def _undo_rebate(
    advance: Advance, *, settled: Transaction | None, by: User, at: datetime, on: date | None
) -> list[Transaction]:
    """What was netted is owed again; so is a rebate that has left. One that has not, or came back, is owed no more."""
    nettings = list(
        Netting.objects.filter(advance=advance, source=Netting.Source.REBATE, undone_at__isnull=True)
        .select_related("payout")
        .order_by("pk")
    )
    Netting.objects.filter(pk__in=[one.pk for one in nettings]).update(undone_at=at)
    payout = (
        Payout.objects.select_for_update()
        .filter(
            advance=advance,
            purpose=Payout.Purpose.REBATE,
            status__in=OWED_STATUSES,
            reclaimed_on__isnull=True,
        )
        .first()
    )
    # Without a payout that is owed, the last attempt is the one that was netted whole.
    last = payout or next((one.payout for one in reversed(nettings) if one.payout is not None), None)
    if last is None or settled is None:
        return []
    posted = reversals.undo_attempts(
        payout=last, nettings=nettings, at=at, by=by, description="Settlement undone", on=on
    )
    if payout is None:
        return posted
    day = on or advance.ended_on or payout.value_date
    # A failure that was recorded later than the settlement cannot be undone before it.
    context = PostingContext(max(day, payout.failed_on or day), at, by)
    if payout.status in (Payout.Status.SENT, Payout.Status.CONFIRMED):
        posted.append(reversals.post_reclaimed_rebate(payout=payout, advance=advance, context=context))
        payout.reclaimed_on = day
        payout.save(update_fields=["reclaimed_on", "updated_at"])
        return posted
    is_unsent = payout.status in (Payout.Status.PREPARED, Payout.Status.APPROVED)
    move(
        payout,
        to=Payout.Status.CANCELLED,
        transitions=PAYOUT_TRANSITIONS,
        by=by,
        at=at,
        supplier_id=payout.supplier_id,
        changes={"failed_on": context.value_date, "batch": None} if is_unsent else {},
    )
    return posted
