"""The front page: Home for who is signed in; for visitors what infactor does, and what an advance costs."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from infactor.core.business_day import business_day
from infactor.core.money import format_number
from infactor.dashboard.home.views import home
from infactor.financing.pricing import price
from infactor.financing.pricing.price import PriceUndefined
from infactor.financing.terms import Terms
from infactor.financing.terms_in_force import TermsNotSet, default_terms
from infactor.suppliers.access import page_of_supplier

CURRENCY = "USD"
EXAMPLE_AMOUNT, EXAMPLE_DAYS = Decimal(10_000), 30
ROBOTS = """User-agent: *
Disallow: /admin/
Disallow: /buyer/
Disallow: /quickbook/
Allow: /quickbook/help
"""


class PriceForm(forms.Form):
    """The calculator: the amount of one invoice in CURRENCY, and after how many days its buyer pays."""

    amount = forms.DecimalField(
        label=gettext_lazy("Invoice amount"), min_value=100, max_value=10_000_000, decimal_places=2
    )
    days = forms.IntegerField(label=gettext_lazy("Your buyer pays after, days"), min_value=1, max_value=120)


@require_safe
@login_not_required
@page_of_supplier
def front_page(request: HttpRequest) -> HttpResponse:
    """Home, or for a visitor the landing page. The calculator works by its address, without JavaScript."""
    if request.user.is_authenticated:
        answer: HttpResponse = home(request)
        return answer
    is_asked = "amount" in request.GET or "days" in request.GET
    form = PriceForm(request.GET if is_asked else {"amount": EXAMPLE_AMOUNT, "days": EXAMPLE_DAYS}, label_suffix="")
    amount, days = EXAMPLE_AMOUNT, EXAMPLE_DAYS
    if form.is_valid():
        amount, days = form.cleaned_data["amount"], form.cleaned_data["days"]
    context = {"form": form, "example": example(amount=amount, days=days, on=business_day(timezone.now()))}
    return render(request, "dashboard/landing.html", context)


def example(*, amount: Decimal, days: int, on: date) -> dict[str, Any] | None:
    """What one invoice of `amount` in CURRENCY comes to if its buyer pays after `days`; None where it has no price.

    At the terms for suppliers without their own, on the business day `on`.
    """
    try:
        terms = default_terms(currency=CURRENCY, on=on).record()
        priced = price.price(face=amount, base=amount, terms=terms)
    except (TermsNotSet, PriceUndefined):
        return None
    found = price.payoff_scenario(prices=[priced], days=days, terms=terms, recourse=(), funded_on=on)
    return {
        "currency": CURRENCY,
        "amount": amount,
        "days": days,
        "advance_rate": _percent(terms.advance_rate),
        "cash": priced.cash,
        "fee": found.cost,
        "rebate": found.rebate,
        "total": priced.cash + found.rebate,
        "rate_text": rate_text(terms),
    }


def rate_text(terms: Terms) -> str:
    """The fee of these terms in a sentence."""
    return _(
        "%(percent)s of the invoice for the first %(first_fee_days)s days, then %(percent_2)s for "
        "every %(additional_fee_days)s days begun."
    ) % {
        "percent": _percent(terms.first_fee_rate),
        "first_fee_days": terms.first_fee_days,
        "percent_2": _percent(terms.additional_fee_rate),
        "additional_fee_days": terms.additional_fee_days,
    }


def _percent(rate: Decimal) -> str:
    return f"{format_number(rate)}%"


@require_safe
@login_not_required
def robots(request: HttpRequest) -> HttpResponse:
    """Search engines may read what visitors may, and only where the site is real."""
    text = "User-agent: *\nDisallow: /\n" if settings.DESIGN_PAGE else ROBOTS
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
