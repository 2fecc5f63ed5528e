"""Where Intuit tells what changed: look at the signature, keep the events, answer at once; workers do the rest.

Intuit waits three seconds, and holds back later events from whoever does not answer 200.
"""

from functools import partial

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from quickbooks_app import tasks
from quickbooks_app.webhooks import inbox, parsing

log = structlog.get_logger(__name__)

LARGEST_BODY = 1024 * 1024
TOO_LARGE, NOT_GENUINE, AWAY = 413, 401, 503


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Keep what a genuine body tells of. Anything else is refused before it is looked into."""
    body = _body(request)
    if body is None:
        return HttpResponse(status=TOO_LARGE)
    signature, verifier = request.headers.get("intuit-signature", ""), settings.QUICKBOOKS_WEBHOOK_VERIFIER
    if not parsing.is_genuine(body=body, signature=signature, verifier=verifier):
        log.warning("webhook_refused", is_signed=bool(signature), is_open=bool(verifier), size=len(body))
        return HttpResponse(status=NOT_GENUINE)
    try:
        told = parsing.read(body)
    except parsing.Unreadable:
        # Refused, it would come again and hold back what comes behind it; the scheduled reading finds the change.
        log.error("webhook_unreadable", size=len(body))
        return HttpResponse()
    if told.strange:
        log.warning("webhook_partly_strange", strange=told.strange, understood=len(told.events))
    at = timezone.now()
    try:
        for connection_id in inbox.keep(events=told.events, at=at):
            transaction.on_commit(partial(tasks.ring_inbox, connection_id))
    except (OperationalError, InterfaceError):
        log.error("webhook_not_kept", events=len(told.events))
        return HttpResponse(status=AWAY)
    return HttpResponse()


def _body(request: HttpRequest) -> bytes | None:
    """The raw body, empty where the connection broke; None for one that is larger than Intuit's ever are.

    Django takes a body without a length for an empty one; a server that has put the chunks together says so.
    """
    try:
        if request.META.get("wsgi.input_terminated") and not request.META.get("CONTENT_LENGTH"):
            body = bytes(request.META["wsgi.input"].read(LARGEST_BODY + 1))
        elif int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            return None
        else:
            body = request.body
    except (UnreadablePostError, ValueError, OSError):
        return b""
    return body if len(body) <= LARGEST_BODY else None
