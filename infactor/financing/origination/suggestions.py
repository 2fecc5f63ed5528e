"""Suggestions: the cheapest invoices that bring the cash a supplier needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from infactor.core.money import InvalidAmount, validate_amount
from infactor.financing import terms_in_force
from infactor.financing.eligibility import serialization
from infactor.financing.eligibility.results import cut_by_limits
from infactor.financing.models import MAX_INVOICES_PER_REQUEST, Eligibility
from infactor.financing.pricing import cheapest_set, price
from infactor.financing.pricing.cheapest_set import Selection
from infactor.financing.terms import Terms
from infactor.financing.value_dates import supplier_today
from infactor.suppliers.models import Supplier


class InvalidRequestAmount(ValueError):
    """This amount cannot be requested. The message says why."""


@dataclass(frozen=True)
class InvoiceCandidate:
    """An invoice that is eligible, or that needs the step of `deciding_rule` first.

    `fee` is its cost if the buyer pays on the due date, `days` from today.

    `advance` is the cash: what is paid out after the wire fee, which is a part of `fee`.
    """

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
    deciding_rule: str

    @property
    def cost(self) -> Decimal:
        """The fee in percent of the advance."""
        return (self.fee / self.advance * 100).quantize(Decimal("0.01"))


@dataclass(frozen=True)
class Suggestion:
    """The cheapest invoices that bring `amount` of `currency`. `is_cheapest` is False if that is not proven."""

    currency: str
    amount: Decimal
    selected: tuple[InvoiceCandidate, ...]
    excluded: tuple[InvoiceCandidate, ...]
    advance: Decimal
    fee: Decimal
    is_cheapest: bool

    def record(self) -> dict[str, Any]:
        """The rationale of the selection as the request stores it, amounts as text."""
        return {
            "amount": f"{self.amount}",
            "advance": f"{self.advance}",
            "fee": f"{self.fee}",
            "is_cheapest": self.is_cheapest,
            "selected": [[one.number, f"{one.advance}", f"{one.fee}"] for one in self.selected],
            "excluded": len(self.excluded),
        }


def suggest(*, supplier: Supplier, currency: str, amount: Decimal, at: datetime) -> Suggestion:
    """The eligible invoices with the lowest fees whose advances reach `amount`, by the last assessment.

    Any set of eligible invoices keeps within all limits together. Raises InvalidRequestAmount,
    terms_in_force.TermsNotSet, and cheapest_set.InsufficientInvoices with the highest possible amount.
    """
    try:
        requested = validate_amount(amount, currency)
    except InvalidAmount as error:
        raise InvalidRequestAmount(gettext("This is not an amount of money: %(error)s.") % {"error": error}) from error
    if requested <= 0:
        raise InvalidRequestAmount(gettext("Enter an amount above zero."))
    today = supplier_today(supplier=supplier, at=at)
    terms = terms_in_force.terms_for(supplier=supplier, currency=currency, on=today).record()
    eligible = candidates(supplier=supplier, terms=terms, today=today)
    found = _select(eligible, amount=requested)
    keys = set(found.keys)
    return Suggestion(
        currency=currency,
        amount=requested,
        selected=tuple(one for one in eligible if one.invoice_id in keys),
        excluded=tuple(one for one in eligible if one.invoice_id not in keys),
        advance=found.advance,
        fee=found.fee,
        is_cheapest=found.is_cheapest,
    )


def candidates(
    *, supplier: Supplier, terms: Terms, today: date, decision: str = Eligibility.Decision.ELIGIBLE
) -> list[InvoiceCandidate]:
    """Every invoice with `decision` in the currency of `terms` on the supplier's day `today`, the first due first."""
    rows = (
        Eligibility.objects.filter(
            supplier=supplier,
            decision=decision,
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
            "breakdown",
            "deciding_rule",
        )
    )
    return [_candidate(row, terms=terms, today=today) for row in rows]


def _candidate(row: tuple[Any, ...], *, terms: Terms, today: date) -> InvoiceCandidate:
    pk, public_id, number, buyer, due, face, base, breakdown, rule = row
    days = max((due - today).days, 0)
    _, deductions = serialization.loads(breakdown)
    priced = price.price(face=face, base=base, terms=terms, cut_by_limits=cut_by_limits(deductions))
    fee = price.fee(fee_base=priced.fee_base, days=days, terms=terms).amount + priced.wire_fee
    return InvoiceCandidate(
        pk, public_id, number or gettext("No number"), buyer, due, face, base, priced.cash, fee, days, rule
    )


def _select(eligible: Sequence[InvoiceCandidate], *, amount: Decimal) -> Selection:
    """The cheapest set for one request. If it has too many invoices, the choice is among the largest ones."""
    choice = _cheapest(eligible, amount=amount)
    if len(choice.keys) <= MAX_INVOICES_PER_REQUEST:
        return choice
    largest = sorted(eligible, key=lambda one: (-one.advance, one.invoice_id))[:MAX_INVOICES_PER_REQUEST]
    fitting = _cheapest(largest, amount=amount)
    return Selection(fitting.keys, fitting.advance, fitting.fee, is_cheapest=False)


def _cheapest(eligible: Sequence[InvoiceCandidate], *, amount: Decimal) -> Selection:
    candidates = [cheapest_set.Candidate(one.invoice_id, one.advance, one.fee) for one in eligible]
    return cheapest_set.find_cheapest_set(candidates=candidates, amount=amount)
