"""Payoff: what settling or repurchasing an advance comes to, by the ledger as it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Max
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from infactor.financing.accounting import balances, fees
from infactor.financing.accounting.balances import Outstanding
from infactor.financing.models import (
    CLOSED_STATUSES,
    NOT_ARRIVED,
    OWED_STATUSES,
    UNSENT,
    Advance,
    Payout,
)
from infactor.financing.pricing.price import Fee
from infactor.ledger.models import Entry, Purpose


class PayoffError(Exception):
    """The advance cannot be closed in this way now. The message says why. Nothing was written."""


@dataclass(frozen=True)
class Settlement:
    """What a settlement comes to: the fee for the actual days, the rebate, and what the supplier owes instead.

    `owed_before` is the supplier's debt so far; `set_off` is what of it is deducted from the rebate.
    """

    fee: Fee
    reserve: Decimal
    rebate: Decimal
    owed: Decimal
    owed_before: Decimal = Decimal(0)
    set_off: Decimal = Decimal(0)

    @property
    def max_set_off(self) -> Decimal:
        """How much of the debt could be deducted from the rebate."""
        return min(self.rebate + self.set_off, self.owed_before)


@dataclass(frozen=True)
class Repurchase:
    """What a repurchase comes to: the supplier owes what is outstanding and the fee, less the reserve."""

    fee: Fee
    outstanding: Outstanding
    payment: Decimal


def quote_settlement(*, advance: Advance, with_set_off: bool | None = None) -> Settlement:
    """What settling `advance` comes to, less what its supplier owes `with_set_off`; None: if its terms allow it.

    Raises PayoffError while the buyer has not paid in full.
    """
    outstanding = balances.outstanding(advance=advance)
    if advance.status not in CLOSED_STATUSES or advance.collected_on is None or outstanding.receivable != 0:
        raise PayoffError(_("The buyer has not paid it in full yet."))
    fee = _fee_until(advance, until=advance.collected_on)
    rebate = max(outstanding.reserve - fee.amount, Decimal(0))
    debt = balances.supplier_balance(
        purpose=Purpose.DUE_FROM_SUPPLIER, supplier_id=advance.supplier_id, currency=advance.currency
    )
    nets = advance.terms.nets_from_rebates if with_set_off is None else with_set_off
    set_off = min(rebate, debt) if nets else Decimal(0)
    return Settlement(
        fee=fee,
        reserve=outstanding.reserve,
        rebate=rebate - set_off,
        owed=max(fee.amount - outstanding.reserve, Decimal(0)),
        owed_before=debt,
        set_off=set_off,
    )


def quote_repurchase(*, advance: Advance, on: date, locks_payout: bool = False) -> Repurchase:
    """What the supplier owes when it repurchases `advance` on the day `on`. Raises PayoffError if it cannot.

    `locks_payout`: nobody sends, stops or withdraws its payout until the transaction of the caller ends.
    """
    outstanding = balances.outstanding(advance=advance)
    if advance.status != Advance.Status.FUNDED or outstanding.receivable <= 0:
        raise PayoffError(_("Nothing is outstanding: there is nothing to repurchase."))
    if blocker := money_left_blocker(advance=advance, locks_payout=locks_payout):
        raise PayoffError(blocker)
    fee = _fee_until(advance, until=on)
    payment = amount_to_close(receivable=outstanding.receivable, fee=fee.amount, reserve=outstanding.reserve)
    if payment <= 0:
        raise PayoffError(_("The reserve covers what is outstanding and the fee. Accept a short payment, then settle."))
    return Repurchase(fee=fee, outstanding=outstanding, payment=payment)


def require_money_left(*, advance: Advance) -> None:
    """Raise PayoffError where the money of `advance` is not sent yet, did not leave, or came back: nobody owes it.

    Nobody sends, stops or withdraws its payout until the transaction of the caller ends.
    """
    if blocker := money_left_blocker(advance=advance, locks_payout=True):
        raise PayoffError(blocker)


def money_left_blocker(*, advance: Advance, locks_payout: bool = False) -> str:
    """Why nobody owes the money of `advance` yet, or any more, and what to do; "" where it has left."""
    rows = advance.payouts.filter(purpose=Payout.Purpose.ADVANCE, status__in=OWED_STATUSES)
    payout = (rows.select_for_update() if locks_payout else rows).first()
    if payout is None or payout.status not in (*UNSENT, *NOT_ARRIVED):
        return ""  # without one, all of it paid what the supplier owed
    given = {"payout": payout, "status": str(payout.get_status_display()).lower()}
    if payout.status in NOT_ARRIVED:
        return _("The supplier never got the money: %(payout)s is %(status)s. Take back the funding instead.") % given
    return (
        _(
            "The money has not left: %(payout)s is %(status)s. Take back the funding instead, or stop the payout until "
            "it is decided."
        )
        % given
    )


def whose_money_is_here(*, advances: Iterable[Advance]) -> set[int]:
    """The keys of those of `advances` that `money_left_blocker` names, while the buyer still owes them. One query."""
    open_ids = [one.pk for one in advances if one.status == Advance.Status.FUNDED]
    rows = Payout.objects.filter(
        advance__in=open_ids, purpose=Payout.Purpose.ADVANCE, status__in=(*UNSENT, *NOT_ARRIVED)
    )
    return {one for one in rows.values_list("advance_id", flat=True) if one is not None}


def amount_to_close(*, receivable: Decimal, fee: Decimal, reserve: Decimal) -> Decimal:
    """What the supplier pays to close an advance; negative: what infactor pays, as the reserve is more."""
    return receivable + fee - reserve


def earliest_closing_date(*, advance: Advance) -> date:
    """The last value date of its postings: before it, more or less was outstanding. Raises PayoffError."""
    entries = Entry.objects.filter(account__owner=advance.ledger_owner).exclude(account__purpose=Purpose.ACCRUED_FEES)
    day = Coalesce("transaction__original_value_date", "transaction__value_date")
    last = entries.aggregate(last=Max(day))["last"]
    if last is None:
        raise PayoffError(_("This advance was never funded."))
    ended: date = last
    return ended


def _fee_until(advance: Advance, *, until: date) -> Fee:
    if advance.funded_on is None:
        raise PayoffError(_("This advance was never funded."))
    return fees.fee_until(advance=advance, until=until)
