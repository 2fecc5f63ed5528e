"""When a buyer has paid an invoice in full, and when that turns out not to be so."""

from datetime import datetime

from django.db.models import Max

from infactor.core.transitions import move
from infactor.financing import emails
from infactor.financing.accounting import journal
from infactor.financing.invoice_state import lock_invoices, move_invoice
from infactor.financing.models import ADVANCE_TRANSITIONS, Advance, CollectionAllocation
from infactor.invoices.states import State
from infactor.users.models import User


def mark_collected(*, advance: Advance, by: User, at: datetime) -> Advance:
    """Nothing is open of `advance` any more: it is collected on the latest value date of what closed it.

    Those are its payments, and what was allowed to be short: until that day its money was out. An advance that is not
    funded, or of which something is open, stays as it is.
    """
    if advance.status != Advance.Status.FUNDED or journal.outstanding(advance=advance).receivable != 0:
        return advance
    paid = CollectionAllocation.objects.filter(
        advance=advance, kind=CollectionAllocation.Kind.ADVANCE, reversed_at__isnull=True
    )
    last = paid.aggregate(last=Max("collection__value_date"))["last"]
    closed_by = [*journal.short_payment_dates(advance=advance), *([last] if last is not None else [])]
    collected = move(
        advance,
        to=Advance.Status.COLLECTED,
        transitions=ADVANCE_TRANSITIONS,
        by=by,
        at=at,
        supplier_id=advance.supplier_id,
        changes={"collected_on": max(closed_by)},
    )
    invoice = lock_invoices(ids=[advance.invoice_id])[advance.invoice_id]
    move_invoice(invoice, to=State.PAID, by=by, at=at)
    emails.buyer_paid(advance=collected)
    return collected


def reopen_collected(*, advance: Advance, by: User, at: datetime, reason: str) -> Advance:
    """The buyer has not paid after all: the advance and its invoice are funded and open again."""
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
    move_invoice(invoice, to=State.PREPAID, by=by, at=at, reason=reason)
    return reopened
