"""An accepted offer becomes money: an advance is paid out, or cancelled before that."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from infactor.core import audit
from infactor.core.transitions import Transitions, move
from infactor.financing import (
    dual_control,
    emails,
    locks,
    payouts,
)
from infactor.financing.accounting import journal
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.eligibility import recalculation, staleness
from infactor.financing.eligibility.catalogue import Rule
from infactor.financing.invoice_state import lock_invoices, move_invoice, revert_invoice
from infactor.financing.models import ADVANCE_TRANSITIONS, Advance, CollectionAllocation, Override, Payout
from infactor.financing.value_dates import format_day, supplier_today, validate_value_date
from infactor.invoices.customer_hierarchy import root_customer
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus, State
from infactor.suppliers import access, financing_status
from infactor.users import roles
from infactor.users.models import User
from infactor.verification import answers

FUND_ADVANCES = "financing.fund_advances"
# A payment that comes back makes a collected advance funded again: that is no reason to pay it out twice.
FUNDING_TRANSITIONS = Transitions(field="status", allowed={Advance.Status.ACCEPTED: (Advance.Status.FUNDED,)})


class FundingError(Exception):
    """This advance cannot be paid out, or not be cancelled; `problems` says why, a sentence each."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.reasons = problems


def fund(
    *, advance: Advance, value_date: date, by: User, at: datetime, approver: User | None = None, reason: str = ""
) -> Advance:
    """Pay out an accepted advance to the supplier's account. `value_date` is the supplier's day of the payment.

    The books are looked at once more; on old ones it takes a `reason`, or a second person who was told. Raises
    NotAllowed, NotFundable, SecondPersonNeeded, ValueDateRefused, and TransitionNotAllowed where it was funded or cancelled
    meanwhile.
    """
    roles.require(by, FUND_ADVANCES)
    with transaction.atomic():
        supplier = locks.lock_supplier_and_debtors(supplier_id=advance.supplier_id)
        accepted_on = supplier_today(supplier=supplier, at=advance.accepted_at)
        if value_date > supplier_today(supplier=supplier, at=at):
            raise FundingError("This day has not come yet where the supplier is.")
        validate_value_date(value_date, at=at, not_before=accepted_on)
        invoice = lock_invoices(ids=[advance.invoice_id])[advance.invoice_id]
        waits = advance.status == Advance.Status.ACCEPTED
        if waits and (problems := funding_blockers(advance=advance, invoice=invoice, on=value_date)):
            raise FundingError(*problems)
        old = staleness.stale_books_warning(company_file=invoice.company_file, at=at)
        if old and not reason.strip() and approver is None:
            raise FundingError(f"{old} Have them read first, or say why it is paid out all the same.")
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
        if old:
            read = invoice.company_file.as_of
            audit.record(
                event="advance.paid_on_old_books",
                subject=funded,
                by=by,
                at=at,
                supplier_id=supplier.pk,
                reason=reason,
                details={"books_read": read and read.isoformat(timespec="minutes"), "second": approver and approver.pk},
            )
        move_invoice(invoice, to=State.PREPAID, by=by, at=at)
        payout = payouts.create(
            supplier=supplier,
            purpose=Payout.Purpose.ADVANCE,
            currency=funded.currency,
            amount=funded.amount,
            value_date=value_date,
            by=by,
            at=at,
            approver=approver,
            advance=funded,
        )
        journal.post_funding(advance=funded, context=PostingContext(value_date, at, by))
        emails.funded(advance=funded, payout=payout)
        recalculation.request_recalculation(supplier_ids=[supplier.pk])
        return funded


def funding_blockers(*, advance: Advance, invoice: Invoice, on: date) -> list[str]:
    """What stands against paying out `advance` now, a sentence each; [] for nothing. `invoice` is its own, fresh."""
    found = financing_status.blockers(supplier=advance.supplier, currency=advance.currency)
    if on >= advance.recourse_on:
        found.append(
            f"Unpaid on {format_day(advance.recourse_on)} invoice {invoice} is bought back: that day has come."
        )
    if invoice.books_status != BooksStatus.OPEN:
        found.append(f"QuickBooks says that invoice {invoice} is {invoice.get_books_status_display().lower()}.")
    elif invoice.balance is None:
        found.append(f"What is open of invoice {invoice} cannot be read.")
    elif invoice.balance != advance.face:
        found.append(
            f"Of invoice {invoice} {invoice.balance:,.2f} {invoice.currency} are open, not {advance.face:,.2f}."
        )
    if invoice.currency != advance.currency:
        found.append(f"Invoice {invoice} is in {invoice.currency or 'no currency'} now.")
    if invoice.buyer is None or root_customer(buyer=invoice.buyer) != root_customer(buyer=advance.buyer):
        found.append(f"Invoice {invoice} names another customer than {advance.buyer} now.")
    heard = answers.confirmations_by_invoice(invoices=[invoice.pk]).get(invoice.pk)
    if heard is not None and heard.is_disputed:
        found.append(f"The buyer disputes invoice {invoice}.")
    elif heard is not None and heard.has_changed and not _is_confirmation_waived(advance):
        found.append(f"Invoice {invoice} was changed since its buyer confirmed it.")
    if CollectionAllocation.objects.filter(advance=advance, reversed_at__isnull=True).exists():
        found.append(f"Invoice {invoice} is paid to us already: its buyer's payment is recorded.")
    return found


def _is_confirmation_waived(advance: Advance) -> bool:
    """Whether staff let it pass without its buyer's word on what it says now."""
    of_it = Q(invoice=advance.invoice_id) | Q(buyer=advance.buyer_id)
    return Override.objects.filter(of_it, rule=Rule.VERIFICATION, ended_at__isnull=True).exists()


def cancel(*, advance: Advance, by: User, at: datetime, reason: str) -> Advance:
    """Staff or the supplier give an accepted advance up before it is funded; its invoice returns to where it was."""
    if by.is_staff:
        roles.require(by, FUND_ADVANCES)
    else:
        access.require_member(by=by, supplier=advance.supplier)
    if not reason.strip():
        raise FundingError("Say why: the other side reads it.")
    return _cancel(advance, by=by, at=at, reason=reason)


def cancel_by_system(*, advance: Advance, at: datetime, reason: str) -> Advance:
    """The house gives up an accepted advance whose invoice is gone from the books, and says why."""
    return _cancel(advance, by=None, at=at, reason=reason)


def _cancel(advance: Advance, *, by: User | None, at: datetime, reason: str) -> Advance:
    with transaction.atomic():
        locks.lock_supplier_and_debtors(supplier_id=advance.supplier_id)
        invoice = lock_invoices(ids=[advance.invoice_id])[advance.invoice_id]
        cancelled = move(
            advance,
            to=Advance.Status.CANCELLED,
            transitions=ADVANCE_TRANSITIONS,
            by=by,
            at=at,
            supplier_id=advance.supplier_id,
            reason=reason,
            changes={"reason": reason[:300]},
        )
        asked = advance.offer_line.request_line
        since = asked.request.requested_at
        revert_invoice(invoice, to=asked.previous_state, since=since, by=by, at=at, reason=reason)
        emails.advance_cancelled(advance=cancelled)
        recalculation.request_recalculation_for_invoices(invoice_ids=[advance.invoice_id])
        return cancelled
