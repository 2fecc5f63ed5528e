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
from quickbooks_app import tasks
from quickbooks_app.connections import authorization_flow
from quickbooks_app.connections.outcome_messages import FAILED, MESSAGES, UNKNOWN
from quickbooks_app.models import Connection, ConsentAttempt, ImportRun

log = structlog.get_logger(__name__)


@require_POST
@for_supplier
def authorize(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Set out for a company of one's choice: a single-use state, and on to the consent page."""
    if request.POST.get("supplier", str(supplier.public_id)) != str(supplier.public_id):
        # The page is an old one: the person has switched to another supplier in another window since.
        messages.warning(request, f"You act for {supplier.name} now. Press Connect again if you mean this company.")
        return HttpResponseRedirect(reverse("quickbooks:home"))
    return _set_out(request, supplier)


@require_POST
@for_supplier
def reconnect(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """Set out for the company of a connection that there is already."""
    connection = Connection.objects.filter(supplier=supplier, public_id=public_id).first()
    if connection is None or connection.status == Connection.Status.RELEASED:
        raise Http404
    return _set_out(request, supplier, reconnecting=connection)


def _set_out(request: HttpRequest, supplier: Supplier, reconnecting: Connection | None = None) -> HttpResponse:
    """On to the consent page, in the popup or in the whole window."""
    _, url = authorization_flow.begin(
        user=person(request),
        supplier=supplier,
        in_popup=request.POST.get("window") == "popup",
        at=timezone.now(),
        reconnecting=reconnecting,
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
            attempt, run = authorization_flow.complete(user=request.user, query=request.GET.dict(), at=timezone.now())
        except authorization_flow.StateRefused:
            pass
        except Exception:
            # Whatever went wrong, a fault of ours too, is logged whole and ends in a 302: an error page under this
            # address would leak the code by Referer.
            log.exception("consent_failed")
            target = f"{target}?ended=failed"
        else:
            target = _ending(attempt, run)
    response = HttpResponseRedirect(target)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
@login_not_required
def connected(request: HttpRequest) -> HttpResponse:
    """The clean page behind the callback: tells the dashboard, closes the popup, or says how it ended."""
    attempt = _attempt(request)
    if attempt is not None and (chosen := authorization_flow.asked_about(attempt=attempt, at=timezone.now())):
        return render(request, "quickbooks/other_company.html", {"attempt": attempt, "chosen": chosen})
    message = MESSAGES[ConsentAttempt.Outcome(attempt.outcome)] if attempt else UNKNOWN
    if attempt is not None and attempt.outcome == ConsentAttempt.Outcome.ASKED:
        message = MESSAGES[ConsentAttempt.Outcome.EXPIRED]
    if request.GET.get("ended") == "failed":
        message = FAILED
    if attempt is not None and message.is_good and not attempt.in_popup:
        messages.success(request, f"{message.title}. {message.sentence}")
        return HttpResponseRedirect(reverse("dashboard:home"))
    return render(request, "quickbooks/connected.html", {"attempt": attempt, "message": message})


@require_POST
def use_other(request: HttpRequest, attempt_id: uuid.UUID) -> HttpResponse:
    """The other company was meant: connect it, too."""
    try:
        attempt, run = authorization_flow.use_other(user=person(request), attempt_id=attempt_id, at=timezone.now())
    except authorization_flow.StateRefused:
        return HttpResponseRedirect(reverse("quickbooks:connected"))
    return HttpResponseRedirect(_ending(attempt, run))


@require_POST
def decline_other(request: HttpRequest, attempt_id: uuid.UUID) -> HttpResponse:
    """The other company was not meant: forget it."""
    try:
        attempt = authorization_flow.decline_other(user=person(request), attempt_id=attempt_id, at=timezone.now())
    except authorization_flow.StateRefused:
        return HttpResponseRedirect(reverse("quickbooks:connected"))
    return HttpResponseRedirect(_ending(attempt, None))


@require_safe
def status(request: HttpRequest) -> JsonResponse:
    """How an attempt stands, for a dashboard that the popup could not tell."""
    attempt = _attempt(request)
    if attempt is None:
        raise Http404
    return JsonResponse({"outcome": attempt.outcome})


def _ending(attempt: ConsentAttempt, run: ImportRun | None) -> str:
    """Where a journey ends; the first run is rung for once it is committed."""
    if run is not None:
        transaction.on_commit(partial(tasks.ring, run.pk))
    return f"{reverse('quickbooks:connected')}?attempt={attempt.public_id}"


def _attempt(request: HttpRequest) -> ConsentAttempt | None:
    if not isinstance(request.user, User):
        return None
    try:
        public_id = uuid.UUID(request.GET.get("attempt", ""))
    except ValueError:
        return None
    attempts = ConsentAttempt.objects.select_related("begun_for", "supplier")
    return attempts.filter(public_id=public_id, user=request.user, supplier__in=request.user.suppliers.all()).first()
