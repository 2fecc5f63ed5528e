"""The webhook endpoint: verifies the signature, stores the events and responds at once. Workers do the rest.

Intuit waits three seconds for a response, and delays later events of an app that does not respond with 200.
"""

import uuid
from functools import partial

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from infactor.core.concurrency import never_refused
from quickbooks_app import tasks
from quickbooks_app.webhooks import receiving

MAX_BODY_BYTES = 1024 * 1024
UNENCRYPTED, BODY_TOO_LARGE = 403, 413


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
    outcome = receiving.receive(receiving.Delivery(body=body, signature=signature, public_id=public_id))
    for connection_id in outcome.notify:
        transaction.on_commit(partial(tasks.enqueue_webhooks, connection_id))
    return HttpResponse(status=outcome.status)


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
