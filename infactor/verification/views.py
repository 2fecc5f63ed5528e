"""The buyer's page: no account, no cookie, no JavaScript; the link is all that is needed and all that is asked."""

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
    remittance_instructions,
    requests,
    snapshots,
)
from infactor.verification.forms import AnswerForm
from infactor.verification.models import Verification

View = Callable[[HttpRequest, str], HttpResponse]
HEADERS = {
    "Cache-Control": "no-cache, no-store, must-revalidate, private",
    # The address is the key: it goes to nobody, not even from this page to itself.
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


def _guarded(view: View) -> View:
    """Count who asks, by address and by link; give every answer the same careful headers."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        action = "buyer_answer" if request.method == "POST" else "buyer_page"
        over = ratelimit.consume_or_429(request, action=action, key=token, limit_get=True) is not None
        response = _closed(request, "busy", status=429) if over else view(request, token)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return guarded


# No cookie is involved, so there is nothing that another site could misuse; and a browser that sends no referrer
# sends no origin either, which Django's check would refuse.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@_guarded
def page(request: HttpRequest, token: str) -> HttpResponse:
    """What is asked while the question is open, else what became of it. Nothing is told of a link that is not ours."""
    at = timezone.now()
    try:
        asked = links.open_link(token=token, at=at) if request.method == "GET" else links.find(token=token)
    except links.UnknownLink:
        return _closed(request, "unknown", status=404)
    if ended := _ended(asked):
        return _closed(request, ended, verification=asked)
    form = AnswerForm(request.POST if request.method == "POST" else None, verification=asked)
    if form.is_valid():
        try:
            answers.answer(token=token, given=form.given(), ip=get_adapter().get_client_ip(request), at=at)
        except answers.AnswerIncomplete as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        except answers.NotAnswerable:
            pass  # somebody was quicker, or time is over: the page says what became of it
        if not form.errors:
            return HttpResponseRedirect(request.path)
    return _show(request, "verification/page.html", _context(asked, form))


def _ended(asked: Verification) -> str:
    """Which of the neutral pages is shown instead of the question; empty while it can be answered."""
    if asked.is_answered:
        return "answered"
    if asked.status == Verification.Status.SENT and asked.expires_at and asked.expires_at > timezone.now():
        return "changed" if requests.is_stale(verification=asked, invoice=asked.invoice) else ""
    return "withdrawn" if asked.status == Verification.Status.WITHDRAWN else "expired"


def _context(asked: Verification, form: AnswerForm) -> dict[str, Any]:
    return {
        "verification": asked,
        "facts": snapshots.shown(asked.facts),
        "pay_to": remittance_instructions.details(verification=asked),
        "form": form,
        "support_email": settings.SUPPORT_EMAIL,
    }


def _closed(
    request: HttpRequest, reason: str, *, status: int = 200, verification: Verification | None = None
) -> HttpResponse:
    context = {"reason": reason, "verification": verification, "support_email": settings.SUPPORT_EMAIL}
    if verification is not None:
        context["pay_to"] = remittance_instructions.details(verification=verification) if reason == "answered" else None
        lines = verification.facts["lines"]
        context["disputed"] = [lines[place]["title"] for place in verification.disputed_lines]
    return _show(request, "verification/closed.html", context, status=status)


def _show(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, template, context, status=status)
