"""The page on which a buyer answers. It needs a signed link and no account, cookie or JavaScript."""

import functools
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from infactor.verification import (
    answers,
    links,
    preconditions,
    remittance_instructions,
    snapshots,
)
from infactor.verification.forms import AnswerForm
from infactor.verification.models import Verification

View = Callable[[HttpRequest, str], HttpResponse]
HEADERS = {
    "Cache-Control": "no-cache, no-store, must-revalidate, private",
    # The URL is the credential, so it is never sent as a referrer.
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


def _rate_limited(view: View) -> View:
    """Rate-limit by IP address and by link, and set HEADERS on every response."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        action = "buyer_answer" if request.method == "POST" else "buyer_page"
        over = ratelimit.consume_or_429(request, action=action, key=token, limit_get=True) is not None
        response = _closed_page(request, "busy", status=429) if over else view(request, token)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return guarded


# CSRF protection is not needed, as no cookie is involved. It would fail, too: with the policy `no-referrer` a browser
# sends no origin.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@_rate_limited
def page(request: HttpRequest, token: str) -> HttpResponse:
    """The form while the request is open, else what became of it. An unknown link reveals nothing."""
    at = timezone.now()
    try:
        verification = (
            links.open_link(token=token, at=at) if request.method == "GET" else links.find_verification(token=token)
        )
    except links.UnknownLink:
        return _closed_page(request, "unknown", status=404)
    if reason := _closed_reason(verification):
        return _closed_page(request, reason, verification=verification)
    form = AnswerForm(request.POST if request.method == "POST" else None, verification=verification)
    if form.is_valid():
        try:
            ip = get_adapter().get_client_ip(request)
            answers.submit_answer(token=token, submitted=form.to_answer(), ip=ip, at=at)
        except answers.AnswerIncomplete as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        except answers.NotAnswerable:
            pass  # it was answered or expired meanwhile: the redirect shows what became of it
        if not form.errors:
            return HttpResponseRedirect(request.path)
    return render(request, "verification/page.html", _context(verification, form))


def _closed_reason(verification: Verification) -> str:
    """Which closed page is shown instead of the form; "" while the request can be answered."""
    if verification.is_answered:
        return "answered"
    is_sent = verification.status == Verification.Status.SENT
    if is_sent and verification.expires_at and verification.expires_at > timezone.now():
        is_stale = preconditions.is_stale(verification=verification, invoice=verification.invoice)
        return "changed" if is_stale else ""
    return "withdrawn" if verification.status == Verification.Status.WITHDRAWN else "expired"


def _context(verification: Verification, form: AnswerForm) -> dict[str, Any]:
    return {
        "verification": verification,
        "facts": snapshots.for_display(verification.facts),
        "remittance": remittance_instructions.instructions_for(verification=verification),
        "form": form,
        "support_email": settings.SUPPORT_EMAIL,
    }


def _closed_page(
    request: HttpRequest, reason: str, *, status: int = 200, verification: Verification | None = None
) -> HttpResponse:
    context: dict[str, Any] = {"reason": reason, "verification": verification, "support_email": settings.SUPPORT_EMAIL}
    if verification is not None:
        if reason == "answered":
            context["remittance"] = remittance_instructions.instructions_for(verification=verification)
        lines = verification.facts["lines"]
        context["disputed"] = [lines[place]["title"] for place in verification.disputed_lines]
    return render(request, "verification/closed.html", context, status=status)
