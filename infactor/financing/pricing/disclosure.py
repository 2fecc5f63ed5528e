"""Price disclosure: every figure that a supplier sees before accepting an offer, as text, and stored as shown."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from infactor.financing.models import Offer, OfferLine
from infactor.financing.pricing import price
from infactor.financing.pricing.price import Price
from infactor.financing.terms import Terms

Disclosure = dict[str, Any]


def prices_of(lines: Sequence[OfferLine], *, terms: Terms) -> list[Price]:
    """The prices at which the lines were offered under `terms`."""
    return [
        Price(
            face=one.face,
            base=one.base,
            advance=one.advance,
            reserve=one.reserve,
            fee_base=one.fee_base,
            wire_fee=terms.wire_fee,
        )
        for one in lines
    ]


def offer_disclosure(*, offer: Offer, lines: Sequence[OfferLine], today: date) -> Disclosure:
    """The disclosure of these lines of `offer`, if they were funded `today` (the supplier's day).

    Amounts are text with two decimals in `currency`, dates are ISO. The same lines on the same day give the same
    disclosure.
    """
    terms = offer.terms.record()
    figures = build_disclosure(
        prices=prices_of(lines, terms=terms),
        numbers=[str(one.invoice) for one in lines],
        recourse=[one.recourse_on for one in lines],
        late_from=[one.late_from for one in lines],
        deductions=[one.deductions for one in lines],
        terms=terms,
        today=today,
    )
    return {"offer": str(offer.public_id), **figures}


def build_disclosure(
    *,
    prices: Sequence[Price],
    numbers: Sequence[str],
    recourse: Sequence[date],
    late_from: Sequence[date | None],
    deductions: Sequence[Sequence[Sequence[str]]],
    terms: Terms,
    today: date,
) -> Disclosure:
    """The disclosure of any set of priced invoices: cash now, and the cost if buyers pay after 30, 45, 60, 90 days.

    `numbers`, `recourse` (dates), `late_from` (first days of a late fee, or None) and `deductions` ([what, amount] from
    face to base) belong to `prices`, one by one. Fees that the terms do not have are not in it.
    """
    scenarios = [
        price.payoff_scenario(
            prices=prices, days=days, terms=terms, recourse=recourse, funded_on=today, late_from=late_from
        )
        for days in price.DISCLOSED_DAYS
    ]
    zero = Decimal("0.00")
    return {
        "currency": terms.currency,
        "terms": terms.version,
        "funded_on": today.isoformat(),
        "advance_rate": f"{terms.advance_rate.normalize():f}",
        "first_fee_rate": f"{terms.first_fee_rate.normalize():f}",
        "first_fee_days": terms.first_fee_days,
        "additional_fee_rate": f"{terms.additional_fee_rate.normalize():f}",
        "additional_fee_days": terms.additional_fee_days,
        **_further_fees(terms),
        "face": _text(sum((one.face for one in prices), zero)),
        "base": _text(sum((one.base for one in prices), zero)),
        "fee_base": _text(sum((one.fee_base for one in prices), zero)),
        "advance": _text(sum((one.advance for one in prices), zero)),
        **({"wire_fees": _text(sum((one.wire_fee for one in prices), zero))} if terms.wire_fee else {}),
        "cash_now": _text(sum((one.cash for one in prices), zero)),
        "reserve": _text(sum((one.reserve for one in prices), zero)),
        "cost_per_additional_period": _text(price.cost_per_additional_period(prices=prices, terms=terms)),
        "invoices": [
            {
                "number": number,
                "face": _text(one.face),
                "base": _text(one.base),
                "fee_base": _text(one.fee_base),
                "deductions": [list(line) for line in lines],
                "advance": _text(one.advance),
                "reserve": _text(one.reserve),
                "cash": _text(one.cash),
                "recourse_on": recourse_on.isoformat(),
                **({"late_from": late.isoformat()} if late is not None else {}),
            }
            for one, number, recourse_on, late, lines in zip(
                prices, numbers, recourse, late_from, deductions, strict=True
            )
        ],
        "scenarios": [
            {
                "days": one.days,
                "fee": _text(one.fee),
                **({"late_fee": _text(one.late_fee)} if one.late_fee else {}),
                "cost": _text(one.cost),
                "rebate": _text(one.rebate),
                "shortfall": _text(one.shortfall),
                "annual_rate": _text(one.annual_rate),
                "past_recourse": one.past_recourse,
            }
            for one in scenarios
        ],
    }


def _further_fees(terms: Terms) -> dict[str, Any]:
    """The minimum fee, the wire fee and the late fee, those that the terms have."""
    found: dict[str, Any] = {}
    for name in ("minimum_fee", "wire_fee"):
        if amount := getattr(terms, name):
            found[name] = _text(amount)
    if terms.late_fee_rate:
        found["late_fee_rate"] = f"{terms.late_fee_rate.normalize():f}"
        found["late_fee_grace_days"] = terms.late_fee_grace_days
        found["late_fee_cap_pct"] = f"{terms.late_fee_cap_pct.normalize():f}"
    return found


def disclosure_digest(disclosure: Disclosure) -> str:
    """A hash of the figures, whatever the order of their keys: the supplier accepts exactly what was shown."""
    return hashlib.sha256(json.dumps(disclosure, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _text(amount: Decimal) -> str:
    return f"{amount:.2f}"
