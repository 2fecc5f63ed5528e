"""A document as a response: saved, and never shown or run in infactor's name."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from infactor.documents.models import Document

NEVER_RUN = "sandbox; default-src 'none'"


def respond(content: bytes, *, document: Document) -> HttpResponse:
    """A response that is saved and never shown."""
    response = HttpResponse(content, content_type=document.media_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, document.name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = NEVER_RUN
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response
