"""The supplier's pages of the QuickBooks side: the card, the page of connections, a run, sync now, disconnect, help."""

import uuid
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from infactor.core.transitions import MoveRefused
from infactor.invoices.models import Invoice
from infactor.suppliers.access import for_supplier, person
from infactor.suppliers.models import Supplier
from quickbooks_app import runs, tasks
from quickbooks_app.connections import authorization_flow, banners
from quickbooks_app.mapping import invoices
from quickbooks_app.models import Connection, ImportRun
from quickbooks_app.monitoring import connection_health, run_timeline
from quickbooks_app.monitoring.remedies import cause_of

RUNS_SHOWN = 10
ISSUES_SHOWN = 50
TROUBLE_SHOWN = timedelta(minutes=15)
RUN_COLUMNS = [
    {"label": "When"},
    {"label": "Company"},
    {"label": "Result"},
    {"label": "Looked at", "numeric": True},
    {"label": "New", "numeric": True},
    {"label": "Changed", "numeric": True},
    {"label": "Gone", "numeric": True},
    {"label": "Payments", "numeric": True},
    {"label": "To look at", "numeric": True},
]
STEP_COLUMNS = [
    {"label": "When"},
    {"label": "What"},
    {"label": "Result"},
    {"label": "Took", "numeric": True},
    {"label": "Size", "numeric": True},
    {"label": "Reference"},
]
ISSUE_COLUMNS = [{"label": "What"}, {"label": "Company"}, {"label": "Why"}, {"label": "Since"}]
MAPPING_COLUMNS = [
    {"label": "Name"},
    {"label": "QuickBooks field"},
    {"label": "infactor field"},
    {"label": "Description"},
]


@require_safe
@for_supplier
def card(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The card of the dashboard. It asks again by itself while books are read, and says when something came in."""
    shown = _shown(request, supplier)
    moved = connection_health.movement(shown["healths"])
    is_left_alone = not shown["healths"] and Invoice.objects.of(supplier).exists()
    response = _show(
        request, supplier, "quickbooks/_card.html", {**shown, "moved": moved, "is_left_alone": is_left_alone}
    )
    if "seen" in request.GET and request.GET["seen"] != moved:
        response["HX-Trigger"] = "books-changed"
    return response


@require_safe
@for_supplier
def banner(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The banner by itself, asked for when a journey to QuickBooks has ended; empty where nothing is needed."""
    found = banners.of_supplier(supplier=supplier, at=timezone.now())
    if not found:
        return HttpResponse()
    return _show(request, supplier, "quickbooks/parts/_banner.html", {"banners": found})


@require_safe
@for_supplier
def home(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Every connection with its runs and what was skipped in them, and why."""
    issues = connection_health.open_issues(supplier, at_most=ISSUES_SHOWN)
    context = {
        **_shown(request, supplier),
        "runs": ImportRun.objects.filter(connection__supplier=supplier).select_related("connection")[:RUNS_SHOWN],
        "run_columns": RUN_COLUMNS,
        "issues": issues,
        "issue_columns": ISSUE_COLUMNS,
        "issues_state": "" if issues else "empty",
    }
    return _show(request, supplier, "quickbooks/home.html", context)


@require_safe
@for_supplier
def run_page(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """One reading from its first moment to its last."""
    runs_of_supplier = ImportRun.objects.filter(connection__supplier=supplier).select_related(
        "connection__company_file"
    )
    run = runs_of_supplier.filter(public_id=public_id).first()
    if run is None:
        raise Http404
    context = {
        "run": run,
        "steps": run_timeline.of_run(run),
        "step_columns": STEP_COLUMNS,
        "next_step": cause_of(code=run.error_code).step if run.error else "",
    }
    return _show(request, supplier, "quickbooks/run.html", context)


@require_POST
@for_supplier
def sync(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """Ask for a run now. One that is under way already is enough."""
    connection = _own(supplier, public_id)
    if connection.status != Connection.Status.CONNECTED:
        messages.warning(request, f"{connection.company_name} is not connected. Connect it first.")
    else:
        run = runs.request(connection=connection, by=person(request), at=timezone.now(), trigger="person")
        transaction.on_commit(partial(tasks.ring, run.pk))
    return HttpResponseRedirect(reverse("quickbooks:home"))


@require_safe
@for_supplier
def confirm_disconnect(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """Ask once, and say what stays and what ends."""
    return _show(request, supplier, "quickbooks/disconnect.html", {"connection": _own(supplier, public_id)})


@require_POST
@for_supplier
def disconnect(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """End the connection here, and at Intuit if it answers."""
    connection = _own(supplier, public_id)
    try:
        confirmed = authorization_flow.disconnect(connection=connection, by=person(request), at=timezone.now())
    except MoveRefused:
        messages.info(request, f"{connection.company_name} was disconnected already.")
    else:
        messages.success(request, f"{connection.company_name} is disconnected. Your invoices stay here.")
        if not confirmed:
            messages.warning(
                request,
                "QuickBooks did not confirm it. To be sure, remove infactor under Apps in QuickBooks as well.",
            )
    return HttpResponseRedirect(reverse("quickbooks:home"))


@require_safe
@login_not_required
def help_page(request: HttpRequest) -> HttpResponse:
    """What infactor reads from QuickBooks, field by field: the mapping table itself."""
    return render(
        request,
        "quickbooks/help.html",
        {"table": invoices.TABLE, "beside": invoices.BESIDE_TABLE, "columns": MAPPING_COLUMNS},
    )


def _show(request: HttpRequest, supplier: Supplier, template: str, context: dict[str, Any]) -> HttpResponse:
    """`template` with moments in the supplier's time zone."""
    with timezone.override(supplier.zone):
        return render(request, template, {**context, "supplier": supplier})


def _shown(request: HttpRequest, supplier: Supplier) -> dict[str, Any]:
    at = timezone.now()
    healths = connection_health.of_supplier(supplier, at=at)
    return {
        "healths": healths,
        "hears_of_changes": bool(settings.QUICKBOOKS_WEBHOOK_VERIFIER),
        "is_reading": any(one.is_reading for one in healths),
        "any_connected": any(one.is_connected for one in healths),
        "trouble": connection_health.latest_trouble(
            user=person(request), supplier=supplier, since=at - TROUBLE_SHOWN, at=at
        ),
    }


def _own(supplier: Supplier, public_id: uuid.UUID) -> Connection:
    connection = (
        Connection.objects.filter(supplier=supplier, public_id=public_id).select_related("company_file").first()
    )
    if connection is None:
        raise Http404
    return connection
