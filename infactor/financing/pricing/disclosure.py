"""What a supplier is shown of an offer before accepting: every figure, as text, so that it can be kept as it was."""

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

Figures = dict[str, Any]


def prices_of(lines: Sequence[OfferLine]) -> list[Price]:
    """The prices that the lines were offered at."""
    return [Price(face=one.face, base=one.base, advance=one.advance, reserve=one.reserve) for one in lines]


def offer_figures(*, offer: Offer, lines: Sequence[OfferLine], today: date) -> Figures:
    """Everything that is shown for these lines of `offer`, if it were funded `today` (the supplier's day).

    Amounts are text with two decimals in `currency`, dates ISO. The same choice on the same day gives the same figures.
    """
    shown = figures(
        prices=prices_of(lines),
        numbers=[str(one.invoice) for one in lines],
        recourse=[one.recourse_on for one in lines],
        deductions=[one.deductions for one in lines],
        terms=offer.terms.record(),
        today=today,
    )
    return {"offer": str(offer.public_id), **shown}


def figures(
    *,
    prices: Sequence[Price],
    numbers: Sequence[str],
    recourse: Sequence[date],
    deductions: Sequence[Sequence[Sequence[str]]],
    terms: Terms,
    today: date,
) -> Figures:
    """The figures of any set of priced invoices: cash now, and the cost if the buyer pays at 30, 45, 60, 90 days."""
    endings = [
        price.ending(prices=prices, days=days, terms=terms, recourse=recourse, funded_on=today)
        for days in price.SHOWN_DAYS
    ]
    zero = Decimal("0.00")
    return {
        "currency": terms.currency,
        "terms": terms.version,
        "funded_on": today.isoformat(),
        "advance_rate": f"{terms.advance_rate.normalize():f}",
        "first_fee_rate": f"{terms.first_fee_rate.normalize():f}",
        "first_fee_days": terms.first_fee_days,
        "further_fee_rate": f"{terms.further_fee_rate.normalize():f}",
        "further_fee_days": terms.further_fee_days,
        "face": _text(sum((one.face for one in prices), zero)),
        "base": _text(sum((one.base for one in prices), zero)),
        "cash_now": _text(sum((one.advance for one in prices), zero)),
        "reserve": _text(sum((one.reserve for one in prices), zero)),
        "each_further_period": _text(price.waiting_costs(prices=prices, terms=terms)),
        "invoices": [
            {
                "number": number,
                "face": _text(one.face),
                "base": _text(one.base),
                "deductions": [list(cut) for cut in cuts],
                "advance": _text(one.advance),
                "reserve": _text(one.reserve),
                "recourse_on": last.isoformat(),
            }
            for one, number, last, cuts in zip(prices, numbers, recourse, deductions, strict=True)
        ],
        "endings": [
            {
                "days": one.days,
                "fee": _text(one.fee),
                "rebate": _text(one.rebate),
                "owed": _text(one.owed),
                "annual_rate": _text(one.annual_rate),
                "past_recourse": one.past_recourse,
            }
            for one in endings
        ],
    }


def digest(shown: Figures) -> str:
    """The same for the same figures, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(shown, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _text(amount: Decimal) -> str:
    return f"{amount:.2f}"
