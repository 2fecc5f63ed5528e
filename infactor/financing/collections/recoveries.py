"""Recoveries: what a payment for a written-off advance repays: principal, fee, late fee, cost, then the supplier."""

from decimal import Decimal
from typing import NamedTuple

from django.db.models import Sum

from infactor.financing.accounting import fees
from infactor.financing.models import Advance, CollectionAllocation
from infactor.ledger.models import Entry, Purpose

ZERO = Decimal("0.00")
Kind = CollectionAllocation.Kind


class Recoverable(NamedTuple):
    """What is still to be recovered of a written-off advance, in its currency, in the order in which it is repaid."""

    principal: Decimal
    fee: Decimal
    late_fee: Decimal
    cost: Decimal


def recoverable(*, advance: Advance) -> Recoverable:
    """What of the loss on `advance` is not recovered, then the fee until the write-off, then costs of collecting it.

    `advance` is written off and comes with its terms. What a payment brings beyond that belongs to the supplier.
    """
    rows = CollectionAllocation.objects.filter(
        advance=advance, kind__in=(Kind.RECOVERY, Kind.FEE, Kind.LATE_FEE, Kind.COST), reversed_at__isnull=True
    )
    recovered = dict(rows.order_by().values_list("kind").annotate(sum=Sum("amount")))
    fee, late_fee = _fees(advance)
    gross = {
        Kind.RECOVERY: _posted(advance, Purpose.BAD_DEBT),
        Kind.FEE: fee,
        Kind.LATE_FEE: late_fee,
        Kind.COST: _posted(advance, Purpose.COLLECTION_COSTS),
    }
    return Recoverable(*(max(amount - recovered.get(kind, ZERO), ZERO) for kind, amount in gross.items()))


def _posted(advance: Advance, purpose: Purpose) -> Decimal:
    """What the steps of `advance` posted to infactor's account of `purpose`, less what was reversed of it."""
    entries = Entry.objects.filter(
        transaction__reference__startswith=f"{advance.ledger_owner}:", account__purpose=purpose
    )
    sums = entries.aggregate(debits=Sum("debit", default=ZERO), credits=Sum("credit", default=ZERO))
    posted: Decimal = sums["debits"] - sums["credits"]
    return posted


def _fees(advance: Advance) -> tuple[Decimal, Decimal]:
    """The fee for the days, and the late fee, from the funding until infactor gave the advance up: then they end."""
    if advance.funded_on is None or advance.ended_on is None:
        return ZERO, ZERO
    fee = fees.fee_until(advance=advance, until=advance.ended_on)
    return fee.discount, fee.late.amount
