"""Movements of a supplier's money in words: labels, totals, formulas, and what a correction says."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core import money
from infactor.core.dates import format_day, format_month
from infactor.financing.models import Advance, Correction
from infactor.financing.pricing import price
from infactor.ledger.models import Purpose, Transaction

ZERO = Decimal("0.00")
# A payment that was posted again, or matched again: what a correction may have posted besides reversals.
ANEW = re.compile(r"^collection:[0-9]+:(recorded:[0-9]+|allocated:[0-9]+|unmatched:[0-9]+)$")
STEP_LABELS = {
    "funded": gettext_lazy("Invoice purchased"),
    "settled": gettext_lazy("Settled"),
    "short": gettext_lazy("Your buyer paid less"),
    "repurchased": gettext_lazy("You buy it back"),
    "written-off": gettext_lazy("Written off"),
    "returned-after-closing": gettext_lazy("Payment returned after closing"),
    "overdrawn": gettext_lazy("Taken back after it was sent to you"),
    "overpaid": gettext_lazy("Taken back after you had paid it"),
    "rebate-reclaimed": gettext_lazy("The rebate that we sent you, until it is settled again"),
    "netted": gettext_lazy("Deducted from what you owed"),
    "remitted": gettext_lazy("To be sent to you"),
    "confirmed": gettext_lazy("Paid to your account"),
    "returned": gettext_lazy("Payout returned by your bank"),
    "put-back": gettext_lazy("Payout put back"),
    "resent": gettext_lazy("Payout prepared again"),
    "cancelled": gettext_lazy("Rebate no longer due"),
    "reclaim-ended": gettext_lazy("The rebate did not arrive: you no longer owe it"),
}
# Labels of a payment and of its return, by the account that it was allocated to.
ALLOCATION_LABELS = {
    Purpose.RECEIVABLE: (
        gettext_lazy("Your buyer paid"),
        gettext_lazy("Your buyer's payment was returned by the bank"),
    ),
    Purpose.PAYABLE_TO_SUPPLIER: (
        gettext_lazy("Received on your behalf"),
        gettext_lazy("Received on your behalf, returned by the bank"),
    ),
    Purpose.DUE_FROM_SUPPLIER: (
        gettext_lazy("You paid what you owed"),
        gettext_lazy("Your payment was returned by the bank"),
    ),
}


@dataclass(frozen=True)
class Totals:
    """Amounts of one currency: the changes of one movement, or their totals.

    `paid` went to the supplier (below zero: came from it), `from_buyer` came from buyers, `fee` was charged, and
    `lost` was written off. `to_pay` is decided to be paid to the supplier and not confirmed by the bank yet, `held` is
    what infactor holds for it besides, `owed` the supplier's debt, `receivable` what buyers still owe on funded
    invoices. Always receivable + owed - held - to_pay = paid + fee - from_buyer - lost.
    """

    paid: Decimal = ZERO
    to_pay: Decimal = ZERO
    held: Decimal = ZERO
    owed: Decimal = ZERO
    receivable: Decimal = ZERO
    fee: Decimal = ZERO
    from_buyer: Decimal = ZERO
    lost: Decimal = ZERO

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(**{name: getattr(self, name) + getattr(other, name) for name in TOTAL_NAMES})


TOTAL_NAMES = tuple(Totals.__dataclass_fields__)


def is_undoing(transaction: Transaction) -> bool:
    """Whether the transaction takes something back that was posted before."""
    return transaction.reverses_id is not None


def moved_text(transaction: Transaction) -> tuple[str, ...]:
    """Which day a movement is about, where it counts later because its own month was closed already."""
    day = transaction.original_value_date
    return (
        ()
        if day is None
        else (
            _("It is about %(day)s: %(month)s was closed when it was recorded.")
            % {"day": format_day(day), "month": format_month(day)},
        )
    )


def reasons_of(correction: Correction) -> tuple[str, ...]:
    """What a correction says to those whom it concerns."""
    said = correction.change_for_suppliers
    change = f"{said[:1].upper()}{said[1:]}."
    return (change, _("Reason: %(reason)s") % {"reason": correction.reason})


def step_formulas(step: str, advance: Advance, change: Totals) -> Iterable[str]:
    """How the amounts of a step come about, with its numbers."""
    if step == "funded":
        rate = money.format_number(advance.terms.advance_rate)
        values = {
            "base": _text(advance.base),
            "rate": rate,
            "advance": _text(advance.amount),
            "fee": _text(change.fee),
            "owed": _text(-change.owed),
            "to_pay": _text(change.to_pay),
        }
        yield _of_funding(has_fee=bool(change.fee), has_debt=bool(change.owed)) % values
        yield _("%(face)s − %(amount)s = %(reserve)s reserve") % {
            "face": _text(advance.face),
            "amount": _text(advance.amount),
            "reserve": _text(advance.reserve),
        }
    if step in ("settled", "repurchased") and advance.fee_days is not None:
        fee = price.fee(fee_base=advance.fee_base, days=advance.fee_days, terms=advance.terms.record())
        late = advance.late_fee or ZERO
        if fee.amount + late == change.fee:  # a settlement that was taken back had a fee of its own
            yield _("Fee: %(formula)s") % {"formula": fee.formula}
            if late:
                yield _("Late fee: %(late)s") % {"late": _text(late)}
    if step == "settled" and change.owed < 0:
        yield _("%(held)s − %(fee)s − %(owed)s that you owed = %(to_pay)s to be paid to you") % {
            "held": _text(-change.held),
            "fee": _text(change.fee),
            "owed": _text(-change.owed),
            "to_pay": _text(change.to_pay),
        }
    elif step == "settled" and change.owed:
        yield _("%(fee)s − %(held)s = %(owed)s that you owe") % {
            "fee": _text(change.fee),
            "held": _text(-change.held),
            "owed": _text(change.owed),
        }
    elif step == "settled":
        yield _("%(held)s − %(fee)s = %(to_pay)s to be paid to you") % {
            "held": _text(-change.held),
            "fee": _text(change.fee),
            "to_pay": _text(change.to_pay),
        }
    if step == "repurchased":
        due = f"{_text(-change.receivable)} + {_text(change.fee)} − {_text(-change.held)}"
        yield _("%(due)s = %(owed)s that you owe") % {"due": due, "owed": _text(change.owed)}
    if step == "short" and change.owed:
        yield _("%(receivable)s − %(held)s = %(owed)s that you owe") % {
            "receivable": _text(-change.receivable),
            "held": _text(-change.held),
            "owed": _text(change.owed),
        }
    elif step == "short":
        yield _("%(receivable)s taken from the reserve") % {"receivable": _text(-change.receivable)}


def _of_funding(*, has_fee: bool, has_debt: bool) -> str:
    """What becomes of an advance when it is funded: less the wire fee, and less what the supplier owed."""
    if has_fee and has_debt:
        return _(
            "%(base)s × %(rate)s%% = %(advance)s − %(fee)s wire fee − %(owed)s that you owed"
            " = %(to_pay)s to be paid to you"
        )
    if has_fee:
        return _("%(base)s × %(rate)s%% = %(advance)s − %(fee)s wire fee = %(to_pay)s to be paid to you")
    if has_debt:
        return _("%(base)s × %(rate)s%% = %(advance)s − %(owed)s that you owed = %(to_pay)s to be paid to you")
    return _("%(base)s × %(rate)s%% = %(advance)s to be paid to you")


def _text(amount: Decimal) -> str:
    return money.format_amount(amount, "")
