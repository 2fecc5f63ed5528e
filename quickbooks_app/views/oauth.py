"""The OAuth flow in the browser: to the consent page, back with a redirect, and a page with the outcome."""

import secrets
import uuid
from functools import partial
from urllib.parse import urlencode

import structlog
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from infactor.core.rate_limits import limited
from infactor.suppliers.access import for_supplier, signed_in_user
from infactor.suppliers.models import Supplier
from infactor.users.models import User
from quickbooks_app import tasks
from quickbooks_app.connections import app_choice, authorization_flow
from quickbooks_app.connections.app_choice import AppChoice
from quickbooks_app.connections.outcome_messages import INTERNAL_ERROR, LINK_USED, MESSAGES, NO_INTEGRATION
from quickbooks_app.models import Connection, ConsentAttempt, ImportRun, Integration

MIN_TOKEN_LENGTH, MAX_TOKEN_LENGTH = 32, 100  # of the cookie that the way back is bound to

log = structlog.get_logger(__name__)


@require_POST
@limited(action="connect", what="have started to connect")
@for_supplier
def authorize(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Start connecting a company: redirect to the consent page with a single-use state."""
    if request.POST.get("supplier", str(supplier.public_id)) != str(supplier.public_id):
        # The page is outdated: the user has switched to another supplier in another window.
        messages.warning(
            request,
            gettext("You now act for %(name)s. Press Connect again if you mean this company.")
            % {"name": supplier.name},
        )
        return HttpResponseRedirect(reverse("quickbooks:home"))
    wanted = _uuid(request.POST.get("integration", ""))
    return _start_authorization(request, supplier, app_choice.choose(supplier=supplier, wanted=wanted))


@require_POST
@limited(action="connect", what="have started to connect")
@for_supplier
def reauthorize(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """Start reconnecting the company of an existing connection."""
    connection = Connection.objects.filter(supplier=supplier, public_id=public_id).first()
    if connection is None or connection.status == Connection.Status.RELEASED:
        raise Http404
    wanted = _uuid(request.POST.get("integration", ""))
    choice = app_choice.choose(supplier=supplier, wanted=wanted, reconnecting=connection)
    return _start_authorization(request, supplier, choice, reconnecting=connection)


def _start_authorization(
    request: HttpRequest, supplier: Supplier, choice: AppChoice, reconnecting: Connection | None = None
) -> HttpResponse:
    """Redirect to the consent page, or to where the app is chosen or its keys are given."""
    window = request.POST.get("window", "page")
    again = {"reconnect": reconnecting.public_id} if reconnecting is not None else {}
    if choice.asks is not None:
        query = urlencode({"then": "connect", "window": window, **again})
        return HttpResponseRedirect(f"{reverse('quickbooks:own_app', args=[choice.asks.public_id])}?{query}")
    if choice.options:
        query = urlencode({"window": window, **again})
        return HttpResponseRedirect(f"{reverse('quickbooks:choose_app')}?{query}")
    if choice.integration is None:
        return render(request, "quickbooks/connected.html", {"attempt": None, "message": NO_INTEGRATION})
    return start_consent(request, supplier, choice.integration, in_popup=window == "popup", reconnecting=reconnecting)


def start_consent(
    request: HttpRequest,
    supplier: Supplier,
    integration: Integration,
    *,
    in_popup: bool,
    reconnecting: Connection | None = None,
) -> HttpResponse:
    """Redirect to the consent page of `integration`. The browser keeps a cookie for the way back."""
    browser = _browser(request) or secrets.token_urlsafe(32)
    _, url = authorization_flow.begin(
        user=signed_in_user(request),
        supplier=supplier,
        browser=browser,
        in_popup=in_popup,
        at=timezone.now(),
        integration=integration,
        reconnecting=reconnecting,
    )
    response = HttpResponseRedirect(url)
    response.set_cookie(
        settings.CONSENT_COOKIE_NAME,
        browser,
        max_age=authorization_flow.STATE_LIFETIME,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",  # the way back comes from Intuit's site
    )
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
@for_supplier
def closed(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The dashboard tells that the popup is gone. Where somebody has come back from QuickBooks, nothing changes."""
    authorization_flow.note_closed(
        user=signed_in_user(request), supplier=supplier, browser=_browser(request), at=timezone.now()
    )
    return HttpResponse(status=204)


@require_safe
@login_not_required
def callback(request: HttpRequest) -> HttpResponse:
    """Intuit's redirect URI, `/quickbook/connect`. Always answers 302, so that the code in the URL does not leak."""
    target = reverse("quickbooks:connected")
    if isinstance(request.user, User):
        try:
            attempt, run = authorization_flow.complete(
                user=request.user, browser=_browser(request), query=request.GET.dict(), at=timezone.now()
            )
        except authorization_flow.InvalidState:
            pass
        except Exception:
            # Log any error, also our own, and redirect: an error page at this URL would leak the code through the
            # Referer header.
            log.exception("consent_failed")
            target = f"{target}?outcome=internal_error"
        else:
            target = _outcome_url(attempt, run)
    response = HttpResponseRedirect(target)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
@login_not_required
def connected(request: HttpRequest) -> HttpResponse:
    """The page after the callback: notifies the dashboard and closes the popup, or shows the outcome."""
    attempt = _attempt(request)
    if attempt is not None and (chosen := authorization_flow.pending_company_name(attempt=attempt, at=timezone.now())):
        return render(request, "quickbooks/other_company.html", {"attempt": attempt, "chosen": chosen})
    message = MESSAGES[ConsentAttempt.Outcome(attempt.outcome)] if attempt else LINK_USED
    if attempt is not None and attempt.outcome == ConsentAttempt.Outcome.OTHER_PENDING:
        message = MESSAGES[ConsentAttempt.Outcome.EXPIRED]
    if request.GET.get("outcome") == "internal_error":
        message = INTERNAL_ERROR
    if attempt is not None and message.is_success and not attempt.in_popup:
        messages.success(request, f"{message.title}. {message.sentence}")
        return HttpResponseRedirect(reverse("dashboard:home"))
    return render(request, "quickbooks/connected.html", {"attempt": attempt, "message": message})


@require_POST
def confirm_other(request: HttpRequest, attempt_id: uuid.UUID) -> HttpResponse:
    """Connect the other company, too."""
    try:
        attempt, run = authorization_flow.confirm_other_company(
            user=signed_in_user(request), attempt_id=attempt_id, at=timezone.now()
        )
    except authorization_flow.InvalidState:
        return HttpResponseRedirect(reverse("quickbooks:connected"))
    return HttpResponseRedirect(_outcome_url(attempt, run))


@require_POST
def reject_other(request: HttpRequest, attempt_id: uuid.UUID) -> HttpResponse:
    """Reject the other company."""
    try:
        attempt = authorization_flow.reject_other_company(
            user=signed_in_user(request), attempt_id=attempt_id, at=timezone.now()
        )
    except authorization_flow.InvalidState:
        return HttpResponseRedirect(reverse("quickbooks:connected"))
    return HttpResponseRedirect(_outcome_url(attempt, None))


@require_safe
def status(request: HttpRequest) -> JsonResponse:
    """The outcome of an attempt as JSON, for a dashboard that the popup could not notify."""
    attempt = _attempt(request)
    if attempt is None:
        raise Http404
    return JsonResponse({"outcome": attempt.outcome})


def _browser(request: HttpRequest) -> str:
    """The random text that this browser was given when it began; "" if it has none."""
    token = request.COOKIES.get(settings.CONSENT_COOKIE_NAME, "")
    return token if MIN_TOKEN_LENGTH <= len(token) <= MAX_TOKEN_LENGTH else ""


def _outcome_url(attempt: ConsentAttempt, run: ImportRun | None) -> str:
    """The URL of the outcome page. Enqueues the import run once it is committed."""
    if run is not None:
        transaction.on_commit(partial(tasks.enqueue_import, run.pk))
    return f"{reverse('quickbooks:connected')}?attempt={attempt.public_id}"


def _attempt(request: HttpRequest) -> ConsentAttempt | None:
    if not isinstance(request.user, User):
        return None
    public_id = _uuid(request.GET.get("attempt", ""))
    if public_id is None:
        return None
    attempts = ConsentAttempt.objects.select_related("expected_connection", "integration__parent", "supplier")
    return attempts.filter(public_id=public_id, user=request.user, supplier__in=request.user.suppliers.all()).first()


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
