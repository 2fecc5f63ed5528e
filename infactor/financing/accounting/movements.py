"""Movements of a supplier's money in words: labels, totals, formulas, and what a correction says."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from infactor.financing.models import Advance, Correction
from infactor.financing.pricing import price
from infactor.ledger.models import Purpose, Transaction

ZERO = Decimal("0.00")
# A payment that was posted again, or matched again: what a correction may have posted besides reversals.
ANEW = re.compile(r"^collection:[0-9]+:(recorded:[0-9]+|allocated:[0-9]+|unmatched:[0-9]+)$")
STEP_LABELS = {
    "funded": "Advance paid to you",
    "settled": "Settled: rebate paid to you",
    "short": "Your buyer paid less",
    "repurchased": "You buy it back",
    "written-off": "Written off",
    "returned-after-closing": "Payment returned after closing",
    "overdrawn": "Taken back after it was paid on to you",
    "overpaid": "Taken back after you had paid it",
    "rebate-reclaimed": "The rebate that you were paid, until it is settled again",
    "netted": "Deducted from what you owed",
    "remitted": "Paid on to you",
    "failed": "A payout to you failed",
    "resent": "Payout sent again",
}
# Labels of a payment and of its return, by the account that it was allocated to.
ALLOCATION_LABELS = {
    Purpose.RECEIVABLE: ("Your buyer paid", "Your buyer's payment was returned by the bank"),
    Purpose.PAYABLE_TO_SUPPLIER: ("Received for you, to be paid on", "Received for you, returned by the bank"),
    Purpose.DUE_FROM_SUPPLIER: ("You paid what you owed", "Your payment was returned by the bank"),
}


@dataclass(frozen=True)
class Totals:
    """Amounts of one currency: the changes of one movement, or their totals.

    `paid` went to the supplier (below zero: came from it), `from_buyer` came from buyers, `fee` was charged, and
    `lost` was written off. `held` is what infactor holds for the supplier, `owed` the supplier's debt, `receivable`
    what buyers still owe on funded invoices. Always receivable + owed - held = paid + fee - from_buyer - lost.
    """

    paid: Decimal = ZERO
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


def reasons_of(correction: Correction) -> tuple[str, ...]:
    """What a correction says to those whom it concerns."""
    said = correction.change_for_suppliers
    change = f"{said[:1].upper()}{said[1:]}."
    return (change, f"Reason: {correction.reason}")


def step_formulas(step: str, advance: Advance, change: Totals) -> Iterable[str]:
    """How the amounts of a step come about, with its numbers."""
    if step == "funded":
        rate = f"{advance.terms.advance_rate.normalize():f}"
        netted = f" − {_text(-change.owed)} that you owed = {_text(change.paid)}" if change.owed else ""
        yield f"{_text(advance.base)} × {rate} % = {_text(advance.amount)}{netted} paid to you"
        yield f"{_text(advance.face)} − {_text(advance.amount)} = {_text(advance.reserve)} held for you"
    if step in ("settled", "repurchased") and advance.fee_days is not None:
        fee = price.fee(fee_base=advance.fee_base, days=advance.fee_days, terms=advance.terms.record())
        if fee.amount == change.fee:  # a settlement that was taken back had a fee of its own
            yield f"Fee: {fee.formula}"
    if step == "settled" and change.owed < 0:
        kept = f"{_text(-change.owed)} that you owed"
        yield f"{_text(-change.held)} − {_text(change.fee)} − {kept} = {_text(change.paid)} paid to you"
    elif step == "settled" and change.owed:
        yield f"{_text(change.fee)} − {_text(-change.held)} = {_text(change.owed)} that you owe"
    elif step == "settled":
        yield f"{_text(-change.held)} − {_text(change.fee)} = {_text(change.paid)} paid to you"
    if step == "repurchased":
        due = f"{_text(-change.receivable)} + {_text(change.fee)} − {_text(-change.held)}"
        yield f"{due} = {_text(change.owed)} that you owe"
    if step == "short" and change.owed:
        yield f"{_text(-change.receivable)} − {_text(-change.held)} = {_text(change.owed)} that you owe"
    elif step == "short":
        yield f"{_text(-change.receivable)} less, out of what is held for you"


def _text(amount: Decimal) -> str:
    return f"{amount:,.2f}"
