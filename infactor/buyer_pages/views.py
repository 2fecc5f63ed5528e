"""The page of a buyer. It needs a signed link and no account, cookie or JavaScript."""

from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from infactor.buyer_pages import responses
from infactor.buyer_pages.acknowledgement_form import AcknowledgementForm
from infactor.buyer_pages.buyer_link import BuyerLink, find_link
from infactor.buyer_pages.guard import closed_page, rate_limited
from infactor.buyer_pages.responses import FORWARD, UPLOAD, Responses
from infactor.core.signed_links import UnknownLink
from infactor.documents.models import Document
from infactor.financing.models import Notice
from infactor.financing.notices import acknowledgements, content
from infactor.financing.notices import links as notice_links
from infactor.financing.notices.issuance import NoticeError
from infactor.verification import buyer_documents, email_texts, snapshots
from infactor.verification.models import Verification

# The name of the button that acknowledges a notice: the page has other forms, too.
ACKNOWLEDGE = "acknowledge"


# CSRF protection is not needed, as no cookie is involved. It would fail, too: with the policy `no-referrer` a browser
# sends no origin.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@rate_limited
def page(request: HttpRequest, token: str) -> HttpResponse:
    """The questions while they are open, the notice of assignment, or what became of them.

    An unknown link reveals nothing. Times are in the supplier's time zone, which the page names.
    """
    at = timezone.now()
    try:
        link = find_link(token=token, at=at, is_reading=request.method == "GET")
    except UnknownLink:
        return closed_page(request, "unknown", status=404)
    if not link.is_question and link.notice is not None and notice_links.has_expired(notice=link.notice, at=at):
        return closed_page(request, "notice_expired")
    about = link.verification or link.notice
    with timezone.override(about.supplier.zone if about is not None else None):
        if request.method != "POST":
            return _show(request, link, responses.empty(link), token=token, at=at)
        if ACKNOWLEDGE in request.POST:
            return _acknowledge(request, link, token=token, at=at)
        return _receive(request, link, token=token, at=at)


def _receive(request: HttpRequest, link: BuyerLink, *, token: str, at: datetime) -> HttpResponse:
    """Record what was sent. Shown again with what could not be recorded; else redirected, so that a reload is safe."""
    if not link.is_question:
        return HttpResponseRedirect(request.path)
    if FORWARD in request.POST:
        made = responses.receive_forward(request, link, token=token, at=at)
    elif UPLOAD in request.POST:
        made = responses.receive_document(request, link, at=at)
    else:
        made = responses.receive_answers(request, link, token=token, at=at)
    if made.is_clean and not made.said:
        return HttpResponseRedirect(request.path)
    now = find_link(token=token, at=at, is_reading=False)
    still = {one.pk for one in now.waiting}
    made.forms = [one for one in made.forms if one.verification.pk in still]
    return _show(request, now, made, token=token, at=at)


def _show(request: HttpRequest, link: BuyerLink, made: Responses, *, token: str, at: datetime) -> HttpResponse:
    if link.waiting:
        return render(request, "buyer/question.html", _context(link, made, token=token))
    if link.is_question and link.verification is not None and not made.problems:
        reason = _closed_reason(link.verification, at=at)
        if reason != "answered" and not link.shows_notice and not made.said:
            return closed_page(request, reason, context=_context(link, made, token=token))
    if link.shows_notice and not made.problems:
        return render(request, "buyer/notice.html", _context(link, made, token=token))
    return render(request, "buyer/responses.html", _context(link, made, token=token))


def _acknowledge(request: HttpRequest, link: BuyerLink, *, token: str, at: datetime) -> HttpResponse:
    """Acknowledge the notice, once. One that has ended meanwhile is shown as it is now."""
    if link.notice is None or not link.shows_notice:
        return closed_page(request, "unknown", status=404)
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
        context = _context(link, responses.empty(link), token=token, acknowledgement_form=form)
        return render(request, "buyer/notice.html", context)
    return HttpResponseRedirect(request.path)


def _closed_reason(verification: Verification, *, at: datetime) -> str:
    """Which closed page is shown instead of the form."""
    if verification.is_answered:
        return "answered"
    is_sent = verification.status == Verification.Status.SENT
    if is_sent and verification.expires_at and verification.expires_at > at:
        return "changed"  # else it would be waiting
    return "withdrawn" if verification.status == Verification.Status.WITHDRAWN else "expired"


def _context(
    link: BuyerLink, made: Responses, *, token: str, acknowledgement_form: AcknowledgementForm | None = None
) -> dict[str, Any]:
    """What the questions, the notice and the closed page share."""
    notice = link.notice
    uploads = responses.upload_forms(link, made) if link.is_question else {}
    return {
        "verification": link.verification,
        "supplier": link.verification.facts["supplier"] if link.verification is not None else "",
        "supplier_phone": email_texts.supplier_phone(verification=link.verification)
        if link.verification is not None
        else "",
        "questions": [
            {
                "form": form,
                "verification": form.verification,
                "facts": snapshots.for_display(form.verification.facts),
                "documents": _documents(link, form.verification),
            }
            for form in made.forms
        ],
        "answered": [
            {
                "verification": one,
                "disputed": one.disputed,
                "documents": _documents(link, one),
                "upload": uploads.get(one.pk),
            }
            for one in link.answered
        ],
        "person": made.person,
        "forward": made.forward,
        "problems": made.problems,
        "said": made.said,
        "token": token,
        "zone": timezone.get_current_timezone_name().replace("_", " "),
        "notice": notice,
        "notice_facts": content.for_display(notice.facts) if notice is not None else None,
        "shows_notice": link.shows_notice,
        "acknowledgement_form": acknowledgement_form or AcknowledgementForm(),
        "support_email": settings.SUPPORT_EMAIL,
    }


def _documents(link: BuyerLink, verification: Verification) -> list[Document]:
    """The documents of the invoice that the reader may download."""
    if link.opened is None:
        return []
    return list(buyer_documents.visible(opened=link.opened, verification=verification))
