"""The terms of use: the agreement between infactor and whoever uses its pages. Intuit's review asks for them."""

from datetime import date

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

VALID_FROM = date(2026, 11, 29)  # of the text in the template


@require_safe
@login_not_required
def terms(request: HttpRequest) -> HttpResponse:
    """Everybody may read them, before and after signing up."""
    context = {"provider": settings.PAY_TO["holder"] or "infactor", "valid_from": VALID_FROM}
    return render(request, "dashboard/terms.html", context)
