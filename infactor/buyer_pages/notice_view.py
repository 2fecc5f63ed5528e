"""The notice of assignment as PDF, for its buyer to keep with the invoice."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from infactor.buyer_pages.buyer_link import find_link
from infactor.buyer_pages.guard import closed_page, rate_limited
from infactor.core.signed_links import UnknownLink
from infactor.financing.letters.notice_letter import notice_pdf
from infactor.financing.notices import links as notice_links


@login_not_required
@require_safe
@rate_limited
def notice(request: HttpRequest, token: str) -> HttpResponse:
    """The letter, for the reader of a link that shows the notice. Anything else reveals nothing."""
    at = timezone.now()
    try:
        link = find_link(token=token, at=at, is_reading=False)
    except UnknownLink:
        return closed_page(request, "unknown", status=404)
    if link.notice is None or not link.shows_notice:
        return closed_page(request, "unknown", status=404)
    if not link.is_question and notice_links.has_expired(notice=link.notice, at=at):
        return closed_page(request, "notice_expired")
    response = HttpResponse(notice_pdf(notice=link.notice), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="infactor-{link.notice.number}.pdf"'
    return response
