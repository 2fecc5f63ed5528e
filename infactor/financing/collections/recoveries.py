"""Recoveries: what a payment for a written-off advance repays, in the order principal, fee, cost, supplier."""

from decimal import Decimal
from typing import NamedTuple

from django.db.models import Sum

from infactor.financing.models import Advance, CollectionAllocation
from infactor.financing.pricing import price
from infactor.ledger.models import Entry, Purpose

ZERO = Decimal("0.00")
Kind = CollectionAllocation.Kind


class Recoverable(NamedTuple):
    """What is still to be recovered of a written-off advance, in its currency, in the order in which it is repaid."""

    principal: Decimal
    fee: Decimal
    cost: Decimal


def recoverable(*, advance: Advance) -> Recoverable:
    """What of the loss on `advance` is not recovered, then the fee until the write-off, then costs of collecting it.

    `advance` is written off and comes with its terms. What a payment brings beyond that belongs to the supplier.
    """
    rows = CollectionAllocation.objects.filter(
        advance=advance, kind__in=(Kind.RECOVERY, Kind.FEE, Kind.COST), reversed_at__isnull=True
    )
    recovered = dict(rows.order_by().values_list("kind").annotate(sum=Sum("amount")))
    gross = {
        Kind.RECOVERY: _posted(advance, Purpose.BAD_DEBT),
        Kind.FEE: _fee(advance),
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


def _fee(advance: Advance) -> Decimal:
    """The fee from the funding until infactor gave the advance up: it accrues no further."""
    if advance.funded_on is None or advance.ended_on is None:
        return ZERO
    days = price.days_between(funded_on=advance.funded_on, collected_on=advance.ended_on)
    return price.fee(fee_base=advance.fee_base, days=days, terms=advance.terms.record()).amount
