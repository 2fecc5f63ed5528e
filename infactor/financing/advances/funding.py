"""An accepted offer becomes money: an advance is paid out, or cancelled before that."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from infactor.core import audit
from infactor.core.transitions import Moves, move
from infactor.financing import (
    dual_control,
    emails,
    locks,
    payouts,
)
from infactor.financing.accounting import journal
from infactor.financing.accounting.journal import When
from infactor.financing.eligibility import recalculation, staleness
from infactor.financing.eligibility.rules.catalogue import Rule
from infactor.financing.invoice_state import lock_invoices, move_invoice, return_invoice
from infactor.financing.models import ADVANCE_MOVES, Advance, Disbursement, Match, Override
from infactor.financing.value_dates import checked, today_of, words
from infactor.invoices.customer_hierarchy import top_of
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus, State
from infactor.suppliers import access, financing_status
from infactor.users import roles
from infactor.users.models import User
from infactor.verification import answers

FUND = "financing.fund_advances"
# A payment that comes back makes a collected advance funded again: that is no reason to pay it out twice.
PAY_OUT = Moves(field="status", allowed={Advance.Status.ACCEPTED: (Advance.Status.FUNDED,)})


class NotFundable(Exception):
    """This advance cannot be paid out, or not be cancelled; `problems` says why, a sentence each."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def fund(
    *, advance: Advance, value_date: date, by: User, at: datetime, second: User | None = None, reason: str = ""
) -> Advance:
    """Pay out an accepted advance to the supplier's account. `value_date` is the supplier's day of the payment.

    The books are looked at once more; on old ones it takes a `reason`, or a second person who was told. Raises
    NotAllowed, NotFundable, SecondPersonNeeded, ValueDateRefused, and MoveRefused where it was funded or cancelled
    meanwhile.
    """
    roles.require(by, FUND)
    with transaction.atomic():
        supplier = locks.hold(supplier_id=advance.supplier_id)
        accepted_on = today_of(supplier=supplier, at=advance.accepted_at)
        if value_date > today_of(supplier=supplier, at=at):
            raise NotFundable("This day has not come yet where the supplier is.")
        checked(value_date, at=at, not_before=accepted_on)
        invoice = lock_invoices(ids=[advance.invoice_id])[advance.invoice_id]
        waits = advance.status == Advance.Status.ACCEPTED
        if waits and (problems := obstacles(advance=advance, invoice=invoice, on=value_date)):
            raise NotFundable(*problems)
        old = staleness.old_books(company_file=invoice.company_file, at=at)
        if old and not reason.strip() and second is None:
            raise NotFundable(f"{old} Have them read first, or say why it is paid out all the same.")
        dual_control.require_for_payout(
            by=by, second=second, amount=advance.amount, supplier=supplier, currency=advance.currency, at=at
        )
        funded = move(
            advance,
            to=Advance.Status.FUNDED,
            moves=PAY_OUT,
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
                details={"books_read": read and read.isoformat(timespec="minutes"), "second": second and second.pk},
            )
        move_invoice(invoice, to=State.PREPAID, by=by, at=at)
        payout = payouts.write(
            supplier=supplier,
            purpose=Disbursement.Purpose.ADVANCE,
            currency=funded.currency,
            amount=funded.amount,
            value_date=value_date,
            by=by,
            at=at,
            second=second,
            advance=funded,
        )
        journal.funded(advance=funded, when=When(value_date, at, by))
        emails.funded(advance=funded, payout=payout)
        recalculation.ask(supplier_ids=[supplier.pk])
        return funded


def obstacles(*, advance: Advance, invoice: Invoice, on: date) -> list[str]:
    """What stands against paying out `advance` now, a sentence each; [] for nothing. `invoice` is its own, fresh."""
    found = financing_status.blockers(supplier=advance.supplier, currency=advance.currency)
    if on >= advance.recourse_on:
        found.append(f"Unpaid on {words(advance.recourse_on)} invoice {invoice} is bought back: that day has come.")
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
    if invoice.buyer is None or top_of(buyer=invoice.buyer) != top_of(buyer=advance.buyer):
        found.append(f"Invoice {invoice} names another customer than {advance.buyer} now.")
    heard = answers.standing_of(invoices=[invoice.pk]).get(invoice.pk)
    if heard is not None and heard.is_disputed:
        found.append(f"The buyer disputes invoice {invoice}.")
    elif heard is not None and heard.has_changed and not _needs_no_word(advance):
        found.append(f"Invoice {invoice} was changed since its buyer confirmed it.")
    if Match.objects.filter(advance=advance, undone_at__isnull=True).exists():
        found.append(f"Invoice {invoice} is paid to us already: its buyer's payment is recorded.")
    return found


def _needs_no_word(advance: Advance) -> bool:
    """Whether staff let it pass without its buyer's word on what it says now."""
    of_it = Q(invoice=advance.invoice_id) | Q(buyer=advance.buyer_id)
    return Override.objects.filter(of_it, rule=Rule.VERIFICATION, ended_at__isnull=True).exists()


def cancel(*, advance: Advance, by: User, at: datetime, reason: str) -> Advance:
    """Staff or the supplier give an accepted advance up before it is funded; its invoice returns to where it was."""
    if by.is_staff:
        roles.require(by, FUND)
    else:
        access.require_member(by=by, supplier=advance.supplier)
    if not reason.strip():
        raise NotFundable("Say why: the other side reads it.")
    return _cancel(advance, by=by, at=at, reason=reason)


def drop(*, advance: Advance, at: datetime, reason: str) -> Advance:
    """The house gives up an accepted advance whose invoice is gone from the books, and says why."""
    return _cancel(advance, by=None, at=at, reason=reason)


def _cancel(advance: Advance, *, by: User | None, at: datetime, reason: str) -> Advance:
    with transaction.atomic():
        locks.hold(supplier_id=advance.supplier_id)
        invoice = lock_invoices(ids=[advance.invoice_id])[advance.invoice_id]
        cancelled = move(
            advance,
            to=Advance.Status.CANCELLED,
            moves=ADVANCE_MOVES,
            by=by,
            at=at,
            supplier_id=advance.supplier_id,
            reason=reason,
            changes={"reason": reason[:300]},
        )
        asked = advance.offer_line.request_line
        since = asked.request.requested_at
        return_invoice(invoice, to=asked.state_before, since=since, by=by, at=at, reason=reason)
        emails.cancelled(advance=cancelled)
        recalculation.ask_about(invoice_ids=[advance.invoice_id])
        return cancelled
