"""Collected advances: mark an advance collected once nothing is outstanding, and reopen it after a return."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import Max

from infactor.core.transitions import move, move_all
from infactor.financing import emails
from infactor.financing.accounting import balances, journal
from infactor.financing.invoice_state import lock_and_move, lock_invoices, move_invoice
from infactor.financing.models import ADVANCE_TRANSITIONS, NOT_ARRIVED, Advance, CollectionAllocation, Notice, Payout
from infactor.financing.notices import releases
from infactor.invoices.states import State
from infactor.users.models import User


def mark_collected(*, advance: Advance, by: User, at: datetime) -> Advance:
    """Mark `advance` collected, or closed short, once nothing of it is outstanding, on the day of what closed it last.

    Payments and accepted short payments count: the fee runs until the last of them. An advance that is not funded,
    or of which something is outstanding, is returned unchanged.
    """
    if advance.status != Advance.Status.FUNDED or balances.outstanding(advance=advance).receivable != 0:
        return advance
    payments = CollectionAllocation.objects.filter(
        advance=advance, kind=CollectionAllocation.Kind.ADVANCE, reversed_at__isnull=True
    )
    last_paid_on = payments.aggregate(last=Max("collection__value_date"))["last"]
    closed_on = [*journal.short_payment_dates(advance=advance), *([last_paid_on] if last_paid_on is not None else [])]
    is_short = journal.shortage(advance=advance) > 0
    collected = move(
        advance,
        to=Advance.Status.CLOSED_SHORT if is_short else Advance.Status.COLLECTED,
        transitions=ADVANCE_TRANSITIONS,
        by=by,
        at=at,
        supplier_id=advance.supplier_id,
        changes={"collected_on": max(closed_on)},
    )
    if is_short:
        # The invoice stays as it is until the settlement: its buyer has not paid it in full.
        emails.closed_short(advance=collected, shortage=journal.shortage(advance=advance))
        return collected
    invoice = lock_invoices(ids=[advance.invoice_id])[advance.invoice_id]
    move_invoice(invoice, to=State.PAID, by=by, at=at)
    emails.buyer_paid(advance=collected)
    return collected


def is_plainly_closed_by(*, advance: Advance, owed: Decimal, amount: Decimal) -> bool:
    """Whether a payment of `amount` collects `advance`, of which `owed` is outstanding, and its invoice is paid."""
    return advance.status == Advance.Status.FUNDED and owed == amount and advance.invoice.state == State.PREPAID


def mark_all_collected(*, advances: Sequence[Advance], by: User, at: datetime) -> None:
    """`mark_collected` for many advances that payments have just closed plainly, without a short payment: all or none.

    Raises TransitionNotAllowed.
    """
    paid = CollectionAllocation.objects.filter(
        advance__in=advances, kind=CollectionAllocation.Kind.ADVANCE, reversed_at__isnull=True
    )
    last_paid_on = dict(paid.order_by().values_list("advance").annotate(last=Max("collection__value_date")))
    done = move_all(
        advances,
        to=Advance.Status.COLLECTED,
        transitions=ADVANCE_TRANSITIONS,
        by=by,
        at=at,
        supplier_id=lambda one: one.supplier_id,
        changes=lambda one: {"collected_on": last_paid_on[one.pk]},
    )
    invoices = lock_and_move(ids=[one.invoice_id for one in done], to=State.PAID, by=by, at=at)
    for one in done:
        one.invoice = invoices[one.invoice_id]
    emails.buyers_paid(advances=done)


def reopen_collected(*, advance: Advance, by: User, at: datetime, reason: str) -> Advance:
    """The buyer's payment is undone: the advance and its invoice are funded and outstanding again."""
    reopened = move(
        advance,
        to=Advance.Status.FUNDED,
        transitions=ADVANCE_TRANSITIONS,
        by=by,
        at=at,
        supplier_id=advance.supplier_id,
        reason=reason,
        changes={"collected_on": None},
    )
    invoice = lock_invoices(ids=[advance.invoice_id])[advance.invoice_id]
    if invoice.state == State.PAID:
        move_invoice(invoice, to=State.PREPAID, by=by, at=at, reason=reason)
    if Payout.objects.filter(advance=reopened, purpose=Payout.Purpose.ADVANCE, status__in=NOT_ARRIVED).exists():
        releases.release(advance=reopened, reason=Notice.ReleaseReason.PAYOUT_FAILED, by=by, at=at)
    return reopened
