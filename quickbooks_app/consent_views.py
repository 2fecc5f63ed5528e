"""The consent journey in the browser: out to QuickBooks, back by 302 only, and a clean page that ends it."""

import uuid
from functools import partial

import structlog
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from infactor.suppliers.access import for_supplier, person
from infactor.suppliers.models import Supplier
from infactor.users.models import User
from quickbooks_app import connecting, tasks
from quickbooks_app.consent_messages import FAILED, MESSAGES, UNKNOWN
from quickbooks_app.models import ConsentAttempt

log = structlog.get_logger(__name__)


@require_POST
@for_supplier
def authorize(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Set out: a single-use state, and on to the consent page, in the popup or in the whole window."""
    _, url = connecting.begin(
        user=person(request),
        supplier=supplier,
        in_popup=request.POST.get("window") == "popup",
        at=timezone.now(),
    )
    response = HttpResponseRedirect(url)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
@login_not_required
def callback(request: HttpRequest) -> HttpResponse:
    """Intuit's way back, `/quickbook/connect`. Answers 302 whatever happens: codes in an address must not leak."""
    target = reverse("quickbooks:connected")
    if isinstance(request.user, User):
        try:
            attempt, run = connecting.complete(user=request.user, query=request.GET.dict(), at=timezone.now())
        except connecting.StateRefused:
            pass
        except Exception:
            # Whatever went wrong: an error page under this address would leak the code by Referer.
            log.exception("consent_failed")
            target = f"{target}?ended=failed"
        else:
            target = f"{target}?attempt={attempt.public_id}"
            if run is not None:
                transaction.on_commit(partial(tasks.ring, run.pk))
    response = HttpResponseRedirect(target)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
@login_not_required
def connected(request: HttpRequest) -> HttpResponse:
    """The clean page behind the callback: tells the dashboard, closes the popup, or says how it ended."""
    attempt = _attempt(request)
    message = MESSAGES[ConsentAttempt.Outcome(attempt.outcome)] if attempt else UNKNOWN
    if request.GET.get("ended") == "failed":
        message = FAILED
    if attempt is not None and message.is_good and not attempt.in_popup:
        messages.success(request, f"{message.title}. {message.sentence}")
        return HttpResponseRedirect(reverse("dashboard:home"))
    return render(request, "quickbooks/connected.html", {"attempt": attempt, "message": message})


@require_safe
def status(request: HttpRequest) -> JsonResponse:
    """How an attempt stands, for a dashboard that the popup could not tell."""
    attempt = _attempt(request)
    if attempt is None:
        raise Http404
    return JsonResponse({"outcome": attempt.outcome})


def _attempt(request: HttpRequest) -> ConsentAttempt | None:
    if not isinstance(request.user, User):
        return None
    try:
        public_id = uuid.UUID(request.GET.get("attempt", ""))
    except ValueError:
        return None
    return ConsentAttempt.objects.filter(public_id=public_id, user=request.user).first()
