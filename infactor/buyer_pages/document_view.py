"""A document of an invoice, for its buyer."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from infactor.buyer_pages.buyer_link import find_link
from infactor.buyer_pages.guard import closed_page, rate_limited
from infactor.core.signed_links import UnknownLink
from infactor.documents import attachment, storage
from infactor.verification import buyer_documents
from infactor.verification.models import Verification


@login_not_required
@require_safe
@rate_limited
def document(request: HttpRequest, token: str, public_id: UUID) -> HttpResponse:
    """The file, for the reader of a link that shows its invoice. Anything else reveals nothing."""
    try:
        link = find_link(token=token, at=timezone.now(), is_reading=False)
    except UnknownLink:
        return closed_page(request, "unknown", status=404)
    shown = Verification.objects.filter(pk__in=[one.pk for one in (*link.waiting, *link.answered)])
    found = None
    if link.opened is not None:
        found = buyer_documents.find(opened=link.opened, verifications=shown, public_id=public_id)
    if found is None:
        return closed_page(request, "unknown", status=404)
    return attachment.respond(storage.read(document=found), document=found)
