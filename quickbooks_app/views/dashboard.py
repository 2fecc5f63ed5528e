"""The supplier's QuickBooks pages: card, connections, sync details, disconnect and help."""

import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from infactor.core.rate_limits import limited
from infactor.core.transitions import TransitionNotAllowed
from infactor.invoices.models import Invoice
from infactor.suppliers.access import for_supplier, is_owner, require_member, signed_in_user
from infactor.suppliers.models import Supplier
from quickbooks_app import runs, tasks
from quickbooks_app.auth import integrations
from quickbooks_app.connections import authorization_flow, banners
from quickbooks_app.mapping import invoices
from quickbooks_app.models import Connection, ImportRun
from quickbooks_app.monitoring import completeness_summary, connection_health, run_timeline
from quickbooks_app.monitoring.remedies import remedy_for

RUNS_SHOWN = 10
ISSUES_SHOWN = 50
CONSENT_ISSUE_SHOWN = timedelta(minutes=15)
RUN_COLUMNS = [
    {"label": gettext_lazy("When")},
    {"label": gettext_lazy("Company")},
    {"label": gettext_lazy("Result")},
    {"label": gettext_lazy("Checked"), "numeric": True},
    {"label": gettext_lazy("New"), "numeric": True},
    {"label": gettext_lazy("Updated"), "numeric": True},
    {"label": gettext_lazy("Deleted"), "numeric": True},
    {"label": gettext_lazy("Payments"), "numeric": True},
    {"label": gettext_lazy("Issues"), "numeric": True},
]
STEP_COLUMNS = [
    {"label": gettext_lazy("Time")},
    {"label": gettext_lazy("Step")},
    {"label": gettext_lazy("Result")},
    {"label": gettext_lazy("Duration"), "numeric": True},
    {"label": gettext_lazy("Size"), "numeric": True},
    {"label": gettext_lazy("Reference")},
]
ISSUE_COLUMNS = [
    {"label": gettext_lazy("Record")},
    {"label": gettext_lazy("Company")},
    {"label": gettext_lazy("Issue")},
    {"label": gettext_lazy("Since")},
]
LINE_COLUMNS = [
    {"label": gettext_lazy("Record")},
    {"label": gettext_lazy("In QuickBooks"), "numeric": True},
    {"label": gettext_lazy("In infactor"), "numeric": True},
    {"label": gettext_lazy("Why")},
]
MAPPING_COLUMNS = [
    {"label": gettext_lazy("Name")},
    {"label": gettext_lazy("QuickBooks field")},
    {"label": gettext_lazy("infactor field")},
    {"label": gettext_lazy("Description")},
]


@require_safe
@for_supplier
def card(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The QuickBooks card of the dashboard. It reloads itself, and triggers `books-changed` after a change."""
    context = _connection_context(request, supplier)
    change_token = connection_health.change_token(context["healths"])
    has_unsynced_invoices = not context["healths"] and Invoice.objects.for_supplier(supplier).exists()
    response = _render(
        request,
        supplier,
        "quickbooks/_card.html",
        {**context, "change_token": change_token, "has_unsynced_invoices": has_unsynced_invoices},
    )
    if "since" in request.GET and request.GET["since"] != change_token:
        response["HX-Trigger"] = "books-changed"
    return response


@require_safe
@for_supplier
def banner(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The banner alone, reloaded when an attempt to connect has ended. Empty if no connection needs attention.

    It says why the attempt did not succeed, unless its page says so itself.
    """
    at = timezone.now()
    found = banners.of_supplier(supplier=supplier, at=at)
    if not found:
        return HttpResponse()
    says_itself = (reverse("dashboard:home"), reverse("quickbooks:home"))
    is_said = urlsplit(request.headers.get("HX-Current-URL", "")).path in says_itself
    issue = None if is_said else _consent_issue(request, supplier, at=at)
    return _render(request, supplier, "quickbooks/parts/_banner.html", {"banners": found, "consent_issue": issue})


@require_safe
@for_supplier
def home(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """All connections with their recent syncs and open issues."""
    issues = connection_health.open_issues(supplier, limit=ISSUES_SHOWN)
    connections = _connection_context(request, supplier)
    context = {
        **connections,
        "comparisons": [
            {
                "connection": health.connection,
                "summary": health.completeness,
                "check": health.completeness.check,
                "lines": completeness_summary.lines_of(health.completeness.check),
            }
            for health in connections["healths"]
            if health.completeness is not None and not health.is_released
        ],
        "line_columns": LINE_COLUMNS,
        "own_apps": [
            {
                "integration": app,
                "webhook_address": integrations.webhook_address(app),
                "has_verifier": integrations.receives_webhooks(app),
            }
            for app in integrations.own_apps(supplier)
        ],
        "is_owner": is_owner(user=signed_in_user(request), supplier=supplier),
        "runs": ImportRun.objects.filter(connection__supplier=supplier).select_related("connection")[:RUNS_SHOWN],
        "run_columns": RUN_COLUMNS,
        "issues": issues,
        "issue_columns": ISSUE_COLUMNS,
        "issues_state": "" if issues else "empty",
    }
    return _render(request, supplier, "quickbooks/home.html", context)


@require_safe
@for_supplier
def run_page(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """The details of one sync, with its timeline."""
    runs_of_supplier = ImportRun.objects.filter(connection__supplier=supplier).select_related(
        "connection__company_file"
    )
    run = runs_of_supplier.filter(public_id=public_id).first()
    if run is None:
        raise Http404
    context = {
        "run": run,
        "steps": run_timeline.steps_of_run(run),
        "step_columns": STEP_COLUMNS,
        "next_step": remedy_for(code=run.error_code).next_step if run.error else "",
    }
    return _render(request, supplier, "quickbooks/run.html", context)


@require_POST
@limited(action="sync_now", what="have started a sync")
@for_supplier
def sync(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """Request a sync now. An open run is not duplicated."""
    connection = _get_connection(supplier, public_id)
    if connection.status != Connection.Status.CONNECTED:
        messages.warning(
            request,
            _("%(company_name)s is not connected. Reconnect it first.") % {"company_name": connection.company_name},
        )
    else:
        run = runs.request(connection=connection, by=signed_in_user(request), at=timezone.now(), trigger="person")
        transaction.on_commit(partial(tasks.enqueue_import, run.pk))
    return HttpResponseRedirect(reverse("quickbooks:home"))


@require_safe
@for_supplier
def confirm_disconnect(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """The confirmation page of disconnecting, with its consequences. For owners only."""
    require_member(by=signed_in_user(request), supplier=supplier, owner=True)
    return _render(
        request, supplier, "quickbooks/disconnect.html", {"connection": _get_connection(supplier, public_id)}
    )


@require_POST
@for_supplier
def disconnect(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """Disconnect the company and revoke the grant at Intuit."""
    connection = _get_connection(supplier, public_id)
    try:
        confirmed = authorization_flow.disconnect(connection=connection, by=signed_in_user(request), at=timezone.now())
    except TransitionNotAllowed:
        messages.info(
            request, _("%(company_name)s is already disconnected.") % {"company_name": connection.company_name}
        )
    else:
        messages.success(
            request,
            _("%(company_name)s is disconnected. Its invoices stay in infactor.")
            % {"company_name": connection.company_name},
        )
        if not confirmed:
            messages.warning(
                request,
                _("QuickBooks did not confirm this. To be sure, also remove infactor under Apps in QuickBooks."),
            )
    return HttpResponseRedirect(reverse("quickbooks:home"))


@require_safe
@login_not_required
def help_page(request: HttpRequest) -> HttpResponse:
    """Help on connecting, and the mapping table."""
    return render(
        request,
        "quickbooks/help.html",
        {"table": invoices.MAPPING_TABLE, "additional": invoices.ADDITIONAL_FIELDS, "columns": MAPPING_COLUMNS},
    )


def _render(request: HttpRequest, supplier: Supplier, template: str, context: dict[str, Any]) -> HttpResponse:
    """Render `template` in the supplier's time zone."""
    with timezone.override(supplier.zone):
        return render(request, template, {**context, "supplier": supplier})


def _connection_context(request: HttpRequest, supplier: Supplier) -> dict[str, Any]:
    at = timezone.now()
    healths = connection_health.of_supplier(supplier, at=at)
    return {
        "healths": healths,
        "receives_webhooks": any(integrations.receives_webhooks(one.connection.integration) for one in healths),
        "is_importing": any(health.is_importing for health in healths),
        "any_connected": any(health.is_connected for health in healths),
        "consent_issue": _consent_issue(request, supplier, at=at),
    }


def _consent_issue(request: HttpRequest, supplier: Supplier, *, at: datetime) -> connection_health.ConsentIssue | None:
    user = signed_in_user(request)
    return connection_health.latest_consent_issue(user=user, supplier=supplier, since=at - CONSENT_ISSUE_SHOWN, at=at)


def _get_connection(supplier: Supplier, public_id: uuid.UUID) -> Connection:
    connection = (
        Connection.objects.filter(supplier=supplier, public_id=public_id).select_related("company_file").first()
    )
    if connection is None:
        raise Http404
    return connection
