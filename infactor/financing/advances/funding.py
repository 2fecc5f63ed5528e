"""Funding: pay out an accepted advance, or cancel it before that."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.core.business_day import business_day
from infactor.core.transitions import Transitions, move
from infactor.financing import dual_control, emails, locks, netting, payouts, purchase_blockers
from infactor.financing.accounting import journal
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.advances import purchases
from infactor.financing.eligibility import recalculation, staleness
from infactor.financing.invoice_state import lock_invoices, move_invoice, revert_invoice
from infactor.financing.models import (
    Advance,
    Netting,
    Payout,
)
from infactor.financing.notices import issuance
from infactor.financing.value_dates import validate_value_date
from infactor.invoices.states import State
from infactor.suppliers import access
from infactor.users import roles
from infactor.users.models import User

FUND_ADVANCES = "financing.fund_advances"
# Stricter than ADVANCE_TRANSITIONS: a collected advance may become funded again, but is never paid out twice.
# Of an advance that was paid out, the funding is taken back instead (`corrections.fundings`).
CANCEL_TRANSITIONS = Transitions(field="status", allowed={Advance.Status.ACCEPTED: (Advance.Status.CANCELLED,)})
FUNDING_TRANSITIONS = Transitions(field="status", allowed={Advance.Status.ACCEPTED: (Advance.Status.FUNDED,)})


class FundingError(Exception):
    """The advance cannot be paid out or cancelled. `reasons` says why, a sentence each."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def fund(
    *,
    advance: Advance,
    value_date: date,
    by: User,
    at: datetime,
    approver: User | None = None,
    reason: str = "",
    with_netting: bool | None = None,
) -> Advance:
    """Pay out an accepted advance to the supplier's account. `value_date` is the day of the payment where infactor is.

    With the payout the invoice is bought, so the buyer gets its notice of assignment. The books are checked once more.
    Stale books take a `reason`, or an approver, who was warned. What the supplier owes is deducted `with_netting`;
    None: if the terms of the advance allow it. Raises NotAllowed, FundingError, ApproverRequired, InvalidValueDate,
    and TransitionNotAllowed if it was funded or cancelled meanwhile.
    """
    roles.require(by, FUND_ADVANCES)
    with transaction.atomic():
        supplier = locks.lock_supplier_and_debtors(supplier_id=advance.supplier_id)
        validate_value_date(value_date, at=at, not_before=business_day(advance.accepted_at))
        invoice = lock_invoices(ids=[advance.invoice_id])[advance.invoice_id]
        is_accepted = advance.status == Advance.Status.ACCEPTED
        if is_accepted and (blockers := purchase_blockers.of_advance(advance=advance, invoice=invoice, on=value_date)):
            raise FundingError(*blockers)
        stale = staleness.stale_books_warning(company_file=invoice.company_file, at=at)
        if stale and not reason.strip() and approver is None:
            raise FundingError(
                _("%(stale)s Import them first, or enter why it is paid out all the same.") % {"stale": stale}
            )
        dual_control.require_approver_for_payout(
            by=by, approver=approver, amount=advance.amount, supplier=supplier, currency=advance.currency, at=at
        )
        funded = move(
            advance,
            to=Advance.Status.FUNDED,
            transitions=FUNDING_TRANSITIONS,
            by=by,
            at=at,
            supplier_id=supplier.pk,
            changes={"funded_on": value_date},
        )
        if stale:
            as_of = invoice.company_file.as_of
            audit.record(
                event="advance.funded_on_stale_books",
                subject=funded,
                by=by,
                at=at,
                supplier_id=supplier.pk,
                reason=reason,
                details={
                    "books_as_of": as_of and as_of.isoformat(timespec="minutes"),
                    "approver": approver and approver.pk,
                },
            )
        purchases.write_down(advance=funded, invoice=invoice, at=at)
        move_invoice(invoice, to=State.PREPAID, by=by, at=at)
        nets = advance.terms.nets_from_advances if with_netting is None else with_netting
        netted = netting.amount_to_net(out=funded.cash, supplier_id=supplier.pk, currency=funded.currency, nets=nets)
        common: Any = {
            "supplier": supplier,
            "advance": funded,
            "currency": funded.currency,
            "value_date": value_date,
            "by": by,
            "at": at,
        }
        netting.record(source=Netting.Source.ADVANCE, amount=netted, **common)
        payout = None
        if funded.cash > netted:
            payout = payouts.create(
                purpose=Payout.Purpose.ADVANCE,
                amount=funded.cash - netted,
                approver=approver,
                without_netting=not nets,
                **common,
            )
        journal.post_funding(advance=funded, payout=payout, netted=netted, context=PostingContext(value_date, at, by))
        # The payout is what buys the invoice: the buyer is told in the same transaction, or nothing is bought.
        issuance.send(advance=funded, bought_on=value_date, by=by, at=at)
        emails.funded(advance=funded, payout=payout, netted=netted)
        recalculation.request_recalculation(supplier_ids=[supplier.pk])
        return funded


def cancel(*, advance: Advance, by: User, at: datetime, reason: str) -> Advance:
    """Staff or an owner of the supplier cancel an accepted advance. Its invoice returns to the earlier state."""
    if by.is_staff:
        roles.require(by, FUND_ADVANCES)
    else:
        access.require_member(by=by, supplier=advance.supplier, owner=True)
    if not reason.strip():
        raise FundingError(_("Enter a reason: the other side reads it."))
    return _cancel(advance, by=by, at=at, reason=reason)


def cancel_by_system(*, advance: Advance, at: datetime, reason: str) -> Advance:
    """Cancel an accepted advance whose invoice can no longer be financed, and email the supplier why."""
    return _cancel(advance, by=None, at=at, reason=reason)


def _cancel(advance: Advance, *, by: User | None, at: datetime, reason: str) -> Advance:
    with transaction.atomic():
        locks.lock_supplier_and_debtors(supplier_id=advance.supplier_id)
        invoice = lock_invoices(ids=[advance.invoice_id])[advance.invoice_id]
        cancelled = move(
            advance,
            to=Advance.Status.CANCELLED,
            transitions=CANCEL_TRANSITIONS,
            by=by,
            at=at,
            supplier_id=advance.supplier_id,
            reason=reason,
            changes={"reason": reason[:300]},
        )
        request_line = advance.offer_line.request_line
        since = request_line.request.requested_at
        revert_invoice(invoice, to=request_line.previous_state, since=since, by=by, at=at, reason=reason)
        emails.advance_cancelled(advance=cancelled)
        recalculation.request_recalculation_for_invoices(invoice_ids=[advance.invoice_id])
        return cancelled
