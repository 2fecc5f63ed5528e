"""What ending an advance comes to, by the books as they are: settling it, or the supplier buying it back."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Max

from infactor.financing.accounting import journal
from infactor.financing.accounting.journal import Outstanding
from infactor.financing.models import OUTSTANDING_STATUSES, Advance
from infactor.financing.pricing import price
from infactor.financing.pricing.price import Fee
from infactor.ledger.models import Entry, Purpose


class PayoffError(Exception):
    """This advance cannot end in this way now; the message says why. Nothing was written."""


@dataclass(frozen=True)
class Settlement:
    """What settling comes to: the fee for the real days, what is paid to the supplier, and what it owes instead.

    `due` is what it owes already, for whatever reason; `set_off` is what of that is kept back.
    """

    fee: Fee
    reserve: Decimal
    rebate: Decimal
    owed: Decimal
    owed_before: Decimal = Decimal(0)
    set_off: Decimal = Decimal(0)

    @property
    def max_set_off(self) -> Decimal:
        """How much of what is due could be kept back."""
        return min(self.rebate + self.set_off, self.owed_before)


@dataclass(frozen=True)
class Repurchase:
    """What buying back comes to: open and fee less reserve is what the supplier pays."""

    fee: Fee
    outstanding: Outstanding
    payment: Decimal


def quote_settlement(*, advance: Advance, with_set_off: bool = False) -> Settlement:
    """What settling `advance` comes to by the books as they are; with `sets_off`, less what its supplier owes.

    Raises NotEnded while the buyer has not paid all.
    """
    left = journal.outstanding(advance=advance)
    if advance.status != Advance.Status.COLLECTED or advance.collected_on is None or left.receivable != 0:
        raise PayoffError("The buyer has not paid all of it yet.")
    charged = _fee_until(advance, until=advance.collected_on)
    rest = max(left.reserve - charged.amount, Decimal(0))
    due = journal.supplier_balance(
        purpose=Purpose.DUE_FROM_SUPPLIER, supplier_id=advance.supplier_id, currency=advance.currency
    )
    kept = min(rest, due) if with_set_off else Decimal(0)
    return Settlement(
        fee=charged,
        reserve=left.reserve,
        rebate=rest - kept,
        owed=max(charged.amount - left.reserve, Decimal(0)),
        owed_before=due,
        set_off=kept,
    )


def quote_repurchase(*, advance: Advance, on: date) -> Repurchase:
    """What the supplier pays to buy `advance` back on the day `on`. Raises NotEnded where nothing is open of it."""
    left = journal.outstanding(advance=advance)
    if advance.status not in OUTSTANDING_STATUSES or left.receivable <= 0:
        raise PayoffError("Nothing of it is open: there is nothing to buy back.")
    charged = _fee_until(advance, until=on)
    payment = left.receivable + charged.amount - left.reserve
    if payment <= 0:
        raise PayoffError("The reserve covers what is open and the fee: allow the short payment, and settle.")
    return Repurchase(fee=charged, outstanding=left, payment=payment)


def earliest_closing_date(*, advance: Advance) -> date:
    """Nothing is bought back or given up before the last movement of it: on that day more or less was open."""
    entries = Entry.objects.filter(account__owner=advance.ledger_owner)
    last = entries.aggregate(last=Max("transaction__value_date"))["last"]
    if last is None:
        raise PayoffError("It was never funded.")
    day: date = last
    return day


def _fee_until(advance: Advance, *, until: date) -> Fee:
    if advance.funded_on is None:
        raise PayoffError("It was never funded.")
    lasted = price.days_between(funded_on=advance.funded_on, collected_on=until)
    return price.fee(face=advance.face, days=lasted, terms=advance.terms.record())
