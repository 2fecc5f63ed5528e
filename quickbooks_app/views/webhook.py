"""The webhook endpoint: verifies the signature, stores the events and responds at once. Workers do the rest.

Intuit waits three seconds for a response, and delays later events of an app that does not respond with 200.
"""

import uuid
from functools import partial

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from infactor.core.concurrency import never_refused
from quickbooks_app import tasks
from quickbooks_app.auth import integrations
from quickbooks_app.webhooks import inbox, parsing, senders

log = structlog.get_logger(__name__)

MAX_BODY_BYTES = 1024 * 1024
UNENCRYPTED, BODY_TOO_LARGE, INVALID_SIGNATURE, DATABASE_UNAVAILABLE = 403, 413, 401, 503


@never_refused
@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest, public_id: uuid.UUID | None = None) -> HttpResponse:
    """Store the events of a body with a valid signature. Reject any other body without parsing it.

    `public_id` names the integration whose endpoint this is; the endpoint without it is that of the settings.

    Plain http is refused, not redirected: a sender that used it by mistake would never be found out.
    """
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        return HttpResponse(status=UNENCRYPTED)
    body = _body(request)
    if body is None:
        return HttpResponse(status=BODY_TOO_LARGE)
    signature = request.headers.get("intuit-signature", "")
    try:
        signed_by = senders.find(body=body, signature=signature, public_id=public_id)
    except (OperationalError, InterfaceError):
        log.error("webhook_not_checked", size=len(body))
        return HttpResponse(status=DATABASE_UNAVAILABLE)
    if not signed_by:
        log.warning("webhook_signature_invalid", has_signature=bool(signature), of=str(public_id or ""), size=len(body))
        return HttpResponse(status=INVALID_SIGNATURE)
    try:
        parsed = parsing.parse(body)
    except parsing.UnreadableBody:
        # After an error status, Intuit would repeat the body and delay later events. The next sync finds the change.
        log.error("webhook_unreadable", size=len(body))
        return HttpResponse()
    if parsed.unrecognised_count:
        log.warning(
            "webhook_partly_unrecognised", unrecognised=parsed.unrecognised_count, recognised=len(parsed.events)
        )
    at = timezone.now()
    try:
        for integration in signed_by:
            integrations.note_webhook(integration, at=at)
        for connection_id in inbox.store_events(events=parsed.events, senders=signed_by, at=at):
            transaction.on_commit(partial(tasks.enqueue_webhooks, connection_id))
    except (OperationalError, InterfaceError):
        log.error("webhook_not_stored", events=len(parsed.events))
        return HttpResponse(status=DATABASE_UNAVAILABLE)
    return HttpResponse()


def _body(request: HttpRequest) -> bytes | None:
    """The raw body: empty if the connection broke, None if it is larger than any body of Intuit.

    Django treats a body without Content-Length as empty; a server that joined its chunks sets `input_terminated`.
    """
    try:
        if request.META.get("wsgi.input_terminated") and not request.META.get("CONTENT_LENGTH"):
            body = bytes(request.META["wsgi.input"].read(MAX_BODY_BYTES + 1))
        elif int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
            return None
        else:
            body = request.body
    except (UnreadablePostError, ValueError, OSError):
        return b""
    return body if len(body) <= MAX_BODY_BYTES else None
