"""How an advance ends: settled when the buyer has paid, bought back, or written off; and what may be short."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from infactor.core import audit
from infactor.core.transitions import move
from infactor.financing import (
    dual_control,
    emails,
    locks,
    payouts,
)
from infactor.financing.accounting import journal
from infactor.financing.accounting.journal import When
from infactor.financing.accounting.payoff import (
    NotEnded,
    earliest_end,
    repurchase_of,
    settlement_of,
)
from infactor.financing.advances import cases, collected
from infactor.financing.eligibility import recalculation
from infactor.financing.invoice_state import lock_invoices, move_invoice
from infactor.financing.models import ADVANCE_MOVES, OUT, Advance, Disbursement
from infactor.financing.pricing import price
from infactor.financing.pricing.price import Fee
from infactor.financing.value_dates import checked
from infactor.invoices.states import State
from infactor.users import roles
from infactor.users.models import User

SETTLE = "financing.settle_advances"


def settle(
    *,
    advance: Advance,
    value_date: date,
    by: User,
    at: datetime,
    second: User | None = None,
    sets_off: bool = False,
) -> Advance:
    """Take the fee for the real days out of the reserve and pay the rest to the supplier.

    With `sets_off` what the supplier owes infactor is kept back first, as far as the rest goes.

    Raises NotAllowed, NotEnded (not paid yet, ended before, or a dispute is open), SecondPersonNeeded.
    """
    roles.require(by, SETTLE)
    with transaction.atomic():
        supplier = locks.hold(supplier_id=advance.supplier_id)
        current = _current(advance)
        if cases.is_held(advance=current):
            raise NotEnded("A dispute is open: its reserve is held until it is decided.")
        told = settlement_of(advance=current, sets_off=sets_off)
        checked(value_date, at=at, not_before=current.collected_on, supplier=supplier)
        dual_control.require_for_payout(
            by=by, second=second, amount=told.rebate, supplier=supplier, currency=current.currency, at=at
        )
        ended = _end(current, to=Advance.Status.SETTLED, on=value_date, fee=told.fee, rebate=told.rebate, by=by, at=at)
        if told.reserve or told.fee.amount:
            journal.settled(
                advance=ended,
                reserve=told.reserve,
                fee=told.fee.amount,
                set_off=told.set_off,
                when=When(value_date, at, by),
            )
        if told.rebate > 0:
            payouts.write(
                supplier=supplier,
                purpose=Disbursement.Purpose.REBATE,
                currency=ended.currency,
                amount=told.rebate,
                value_date=value_date,
                by=by,
                at=at,
                second=second,
                advance=ended,
            )
        emails.settled(advance=ended, told=told)
        return ended


def repurchase(*, advance: Advance, value_date: date, by: User, at: datetime, reason: str) -> Advance:
    """Record that the supplier has bought the invoice back: its payment arrived on `value_date`.

    Raises NotAllowed, NotEnded, ValueDateRefused.
    """
    roles.require(by, SETTLE)
    with transaction.atomic():
        supplier = locks.hold(supplier_id=advance.supplier_id)
        current = _current(advance)
        checked(value_date, at=at, not_before=earliest_end(advance=current), supplier=supplier)
        told = repurchase_of(advance=current, on=value_date)
        ended = _end(
            current, to=Advance.Status.REPURCHASED, on=value_date, fee=told.fee, rebate=None, by=by, at=at, why=reason
        )
        journal.repurchased(advance=ended, left=told.left, fee=told.fee.amount, when=When(value_date, at, by))
        emails.repurchased(advance=ended, told=told)
        return ended


def write_off(
    *, advance: Advance, value_date: date, by: User, at: datetime, reason: str, second: User | None = None
) -> Advance:
    """Give up what nobody pays: the reserve goes first, the rest is a loss of infactor.

    Raises NotAllowed, NotEnded, SecondPersonNeeded, ValueDateRefused.
    """
    roles.require(by, SETTLE)
    if not reason.strip():
        raise NotEnded("Say why it is given up.")
    with transaction.atomic():
        supplier = locks.hold(supplier_id=advance.supplier_id)
        current = _current(advance)
        checked(value_date, at=at, not_before=earliest_end(advance=current), supplier=supplier)
        left = journal.outstanding(advance=current)
        if left.receivable <= left.reserve:
            raise NotEnded("The reserve covers what is open: allow the short payment, and settle.")
        terms = dual_control.terms_now(supplier=supplier, currency=current.currency, at=at)
        dual_control.require(by=by, second=second, amount=left.receivable, terms=terms)
        nothing = price.free(face=current.face)
        ended = _end(
            current, to=Advance.Status.WRITTEN_OFF, on=value_date, fee=nothing, rebate=None, by=by, at=at, why=reason
        )
        journal.written_off(advance=ended, left=left, when=When(value_date, at, by))
        emails.written_off(advance=ended)
        return ended


def allow_short(*, advance: Advance, amount: Decimal, value_date: date, by: User, at: datetime, reason: str) -> Advance:
    """The buyer pays `amount` less (a credit memo, a deduction): out of the reserve, past it the supplier owes it.

    Where nothing is open after that, the advance is collected. Raises NotAllowed, NotEnded, ValueDateRefused.
    """
    roles.require(by, SETTLE)
    if not reason.strip():
        raise NotEnded("Say why the buyer pays less: the supplier reads it.")
    with transaction.atomic():
        supplier = locks.hold(supplier_id=advance.supplier_id)
        current = _current(advance)
        checked(value_date, at=at, not_before=current.funded_on, supplier=supplier)
        left = journal.outstanding(advance=current)
        if not 0 < amount <= left.receivable:
            raise NotEnded(f"{left.receivable:,.2f} {current.currency} are open of it.")
        number = len(journal.shortenings(advance=current)) + 1
        journal.shortened(
            advance=current,
            number=number,
            amount=amount,
            reserve=left.reserve,
            when=When(value_date, at, by),
        )
        audit.record(
            event="advance.short_allowed",
            subject=current,
            by=by,
            at=at,
            supplier_id=current.supplier_id,
            reason=reason,
            details={"amount": f"{amount}"},
        )
        emails.short_allowed(advance=current, number=number, amount=amount, reason=reason)
        if amount == left.receivable:
            current = collected.complete(advance=current, by=by, at=at)
        recalculation.ask_about(invoice_ids=[current.invoice_id])
        return current


def _current(advance: Advance) -> Advance:
    """The row as it is now, under the supplier's lock. Raises NotEnded unless it is funded and has not ended."""
    current = Advance.objects.select_related("terms", "supplier", "invoice").get(pk=advance.pk)
    if current.status not in OUT:
        raise NotEnded(f"This advance is not out: {current.get_status_display().lower()}.")
    return current


def _end(
    advance: Advance,
    *,
    to: str,
    on: date,
    fee: Fee,
    rebate: Decimal | None,
    by: User,
    at: datetime,
    why: str = "",
) -> Advance:
    """The row and its invoice are over; what staff had to look at about it, too."""
    ended = move(
        advance,
        to=to,
        moves=ADVANCE_MOVES,
        by=by,
        at=at,
        supplier_id=advance.supplier_id,
        reason=why,
        changes={"ended_on": on, "fee": fee.amount, "fee_days": fee.days, "rebate": rebate, "reason": why[:300]},
    )
    invoice = lock_invoices(ids=[advance.invoice_id])[advance.invoice_id]
    move_invoice(invoice, to=State.COMPLETED, by=by, at=at, reason=why)
    cases.end_with(advance=ended, by=by, at=at)
    recalculation.ask_about(invoice_ids=[advance.invoice_id])
    return ended
