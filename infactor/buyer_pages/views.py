"""The page of one invoice for its buyer. It needs a signed link and no account, cookie or JavaScript."""

import functools
from collections.abc import Callable
from datetime import datetime
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

from infactor.buyer_pages.acknowledgement_form import AcknowledgementForm
from infactor.buyer_pages.answer_form import AnswerForm
from infactor.buyer_pages.buyer_link import BuyerLink, find_link
from infactor.core.signed_links import UnknownLink
from infactor.financing.models import Notice
from infactor.financing.notices import acknowledgements, content
from infactor.financing.notices import links as notice_links
from infactor.financing.notices.issuance import NoticeError
from infactor.verification import answers, preconditions, snapshots
from infactor.verification.models import Verification

View = Callable[[HttpRequest, str], HttpResponse]
HEADERS = {
    "Cache-Control": "no-cache, no-store, must-revalidate, private",
    # The URL is the credential, so it is never sent as a referrer.
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
# The name of the button that acknowledges a notice: the page may have a second form, the answer.
ACKNOWLEDGE = "acknowledge"


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
    """The question while it is open, the notice of assignment, or what became of them.

    An unknown link reveals nothing.
    """
    at = timezone.now()
    try:
        link = find_link(token=token, at=at, is_reading=request.method == "GET")
    except UnknownLink:
        return _closed_page(request, "unknown", status=404)
    if not link.is_question and link.notice is not None and notice_links.has_expired(notice=link.notice, at=at):
        return _closed_page(request, "notice_expired")
    if request.method == "POST" and ACKNOWLEDGE in request.POST:
        return _acknowledge(request, link, at=at)
    if not link.is_question or link.verification is None:
        return _notice_page(request, link)
    return _question_page(request, link, link.verification, token=token, at=at)


def _question_page(
    request: HttpRequest, link: BuyerLink, verification: Verification, *, token: str, at: datetime
) -> HttpResponse:
    reason = _closed_reason(verification, at=at)
    if reason:
        return _notice_page(request, link) if link.shows_notice else _closed_page(request, reason, link=link)
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
    context = {
        **_context(link),
        "facts": snapshots.for_display(verification.facts),
        "form": form,
    }
    return render(request, "buyer/question.html", context)


def _acknowledge(request: HttpRequest, link: BuyerLink, *, at: datetime) -> HttpResponse:
    """Acknowledge the notice, once. One that has ended meanwhile is shown as it is now."""
    if link.notice is None or not link.shows_notice:
        return _closed_page(request, "unknown", status=404)
    form = AcknowledgementForm(request.POST)
    if form.is_valid() and link.notice.is_valid:
        try:
            acknowledgements.acknowledge(
                notice=link.notice,
                name=form.cleaned_data["name"],
                ip=get_adapter().get_client_ip(request),
                user_agent=request.headers.get("User-Agent", ""),
                at=at,
            )
        except NoticeError as problem:
            form.add_error("name", str(problem))
    if form.errors and link.notice.status == Notice.Status.SENT:
        return _notice_page(request, link, form=form)
    return HttpResponseRedirect(request.path)


def _notice_page(request: HttpRequest, link: BuyerLink, *, form: AcknowledgementForm | None = None) -> HttpResponse:
    return render(request, "buyer/notice.html", _context(link, acknowledgement_form=form))


def _closed_reason(verification: Verification, *, at: datetime) -> str:
    """Which closed page is shown instead of the form; "" while the request can be answered."""
    if verification.is_answered:
        return "answered"
    is_sent = verification.status == Verification.Status.SENT
    if is_sent and verification.expires_at and verification.expires_at > at:
        is_stale = preconditions.is_stale(verification=verification, invoice=verification.invoice)
        return "changed" if is_stale else ""
    return "withdrawn" if verification.status == Verification.Status.WITHDRAWN else "expired"


def _context(link: BuyerLink, *, acknowledgement_form: AcknowledgementForm | None = None) -> dict[str, Any]:
    """What the question, the notice and the closed page share."""
    verification, notice = link.verification, link.notice
    disputed = []
    if verification is not None:
        disputed = [verification.facts["lines"][place]["title"] for place in verification.disputed_lines]
    return {
        "verification": verification,
        "disputed": disputed,
        "notice": notice,
        "notice_facts": content.for_display(notice.facts) if notice is not None else None,
        "shows_notice": link.shows_notice,
        "acknowledgement_form": acknowledgement_form or AcknowledgementForm(),
        "support_email": settings.SUPPORT_EMAIL,
    }


def _closed_page(
    request: HttpRequest, reason: str, *, status: int = 200, link: BuyerLink | None = None
) -> HttpResponse:
    context = {} if link is None else _context(link)
    context |= {"reason": reason, "support_email": settings.SUPPORT_EMAIL}
    return render(request, "buyer/closed.html", context, status=status)
