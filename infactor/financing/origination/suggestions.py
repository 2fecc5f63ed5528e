""" "I need 50,000": which invoices bring it at the least cost, and what each of them brings and costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from infactor.core.money import AmountUnreadable, exact
from infactor.financing import terms_in_force
from infactor.financing.models import Eligibility
from infactor.financing.origination.requests import MOST_INVOICES
from infactor.financing.pricing import cheapest_set, price
from infactor.financing.pricing.cheapest_set import Choice
from infactor.financing.terms import Terms
from infactor.financing.value_dates import today_of
from infactor.suppliers.models import Supplier


class AmountRefused(ValueError):
    """This is no amount that can be asked for; the message says why."""


@dataclass(frozen=True)
class Pick:
    """An invoice that can be financed now. `fee` is what it costs if the buyer pays on the due date, after `days`."""

    invoice_id: int
    public_id: UUID
    number: str
    buyer: str
    payable_date: date
    face: Decimal
    base: Decimal
    advance: Decimal
    fee: Decimal
    days: int

    @property
    def cost(self) -> Decimal:
        """The fee in percent of the cash that it brings."""
        return (self.fee / self.advance * 100).quantize(Decimal("0.01"))


@dataclass(frozen=True)
class Suggestion:
    """The cheapest invoices that bring `amount` of `currency`; `is_cheapest` is False where that is not proven."""

    currency: str
    amount: Decimal
    chosen: tuple[Pick, ...]
    left_out: tuple[Pick, ...]
    advance: Decimal
    fee: Decimal
    is_cheapest: bool

    def record(self) -> dict[str, Any]:
        """Why these, as it is kept with the request: amounts as text."""
        return {
            "amount": f"{self.amount}",
            "advance": f"{self.advance}",
            "fee": f"{self.fee}",
            "is_cheapest": self.is_cheapest,
            "chosen": [[one.number, f"{one.advance}", f"{one.fee}"] for one in self.chosen],
            "left_out": len(self.left_out),
        }


def suggest(*, supplier: Supplier, currency: str, amount: Decimal, at: datetime) -> Suggestion:
    """The set of invoices with the least fees whose advances reach `amount`, as they were judged last.

    Every set of invoices that can be financed keeps within all limits together. Raises AmountRefused, versions.NoTerms,
    and choosing.NotEnough with the most that is possible.
    """
    try:
        wanted = exact(amount, currency)
    except AmountUnreadable as error:
        raise AmountRefused(f"This is no amount of money: {error}.") from error
    if wanted <= 0:
        raise AmountRefused("Enter an amount above zero.")
    today = today_of(supplier=supplier, at=at)
    terms = terms_in_force.terms_for(supplier=supplier, currency=currency, on=today).record()
    ready = picks(supplier=supplier, terms=terms, today=today)
    found = _choose(ready, amount=wanted)
    keys = set(found.keys)
    return Suggestion(
        currency=currency,
        amount=wanted,
        chosen=tuple(one for one in ready if one.invoice_id in keys),
        left_out=tuple(one for one in ready if one.invoice_id not in keys),
        advance=found.advance,
        fee=found.fee,
        is_cheapest=found.is_cheapest,
    )


def picks(*, supplier: Supplier, terms: Terms, today: date) -> list[Pick]:
    """Every invoice of the currency of `terms` that can be financed on the supplier's day `today`, due first."""
    rows = (
        Eligibility.objects.filter(
            supplier=supplier,
            verdict=Eligibility.Verdict.READY,
            invoice__currency=terms.currency,
            invoice__payable_date__isnull=False,
        )
        .order_by("invoice__payable_date", "invoice_id")
        .values_list(
            "invoice_id",
            "invoice__public_id",
            "invoice__invoice_no",
            "invoice__company_name",
            "invoice__payable_date",
            "face",
            "base",
            "advance",
        )
    )
    return [_pick(row, terms=terms, today=today) for row in rows]


def _pick(row: tuple[Any, ...], *, terms: Terms, today: date) -> Pick:
    pk, public_id, number, buyer, due, face, base, advance = row
    days = max((due - today).days, 0)
    fee = price.fee(face=face, days=days, terms=terms).amount
    return Pick(pk, public_id, number or "No number", buyer, due, face, base, advance, fee, days)


def _choose(ready: Sequence[Pick], *, amount: Decimal) -> Choice:
    """The cheapest set that fits into one request: where it takes too many, the largest invoices are chosen from."""
    choice = _cheapest(ready, amount=amount)
    if len(choice.keys) <= MOST_INVOICES:
        return choice
    largest = sorted(ready, key=lambda one: (-one.advance, one.invoice_id))[:MOST_INVOICES]
    fitting = _cheapest(largest, amount=amount)
    return Choice(fitting.keys, fitting.advance, fitting.fee, is_cheapest=False)


def _cheapest(ready: Sequence[Pick], *, amount: Decimal) -> Choice:
    candidates = [cheapest_set.Candidate(one.invoice_id, one.advance, one.fee) for one in ready]
    return cheapest_set.cheapest(candidates=candidates, amount=amount)
