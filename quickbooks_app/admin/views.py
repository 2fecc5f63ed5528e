"""Staff's pages of the QuickBooks side that are no list: all connections at once, and giving a company free."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from infactor.core.transitions import MoveRefused
from infactor.suppliers.access import person
from quickbooks_app.connections import release as releasing
from quickbooks_app.models import Connection
from quickbooks_app.monitoring import fleet_overview


class ReleaseForm(forms.Form):
    """Why, in words; the figures stand beside it."""

    reason = forms.CharField(
        min_length=releasing.SHORTEST_REASON,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For whoever asks later. It stays in the audit trail.",
    )


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """How it stands over all connections, and what fails and why."""
    if not request.user.has_module_perms("quickbooks_app"):
        raise PermissionDenied
    at = timezone.now()
    found = fleet_overview.overview(at=at)
    return _show(
        request,
        "admin/quickbooks_app/overview.html",
        {
            "title": "QuickBooks: all connections",
            "overview": found,
            "statuses": [(status, found.by_status[status]) for status in Connection.Status],
            "free_reads": fleet_overview.FREE_READS,
            "failed_calls": fleet_overview.failed_calls(at=at),
            "failed_runs": fleet_overview.failed_runs(at=at),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Give a company free for another supplier, after a look at the figures and with a reason."""
    if not request.user.has_perm("quickbooks_app.release_connection"):
        raise PermissionDenied
    connection = get_object_or_404(Connection.objects.select_related("supplier", "company_file"), pk=connection_id)
    back = reverse("admin:quickbooks_app_connection_change", args=[connection.pk])
    if not can_release(connection):
        messages.error(request, "Only a company that is disconnected can be given free. Let its supplier disconnect.")
        return HttpResponseRedirect(back)
    form = ReleaseForm(request.POST or None)
    if form.is_valid():
        try:
            releasing.release(
                connection=connection, by=person(request), reason=form.cleaned_data["reason"], at=timezone.now()
            )
        except MoveRefused:
            messages.error(request, "It was connected again, or given free, in the meantime.")
        except releasing.ReasonMissing as missing:
            messages.error(request, str(missing))
        else:
            messages.success(request, f"{connection.company_name} is free. Its invoices stay with its supplier.")
        return HttpResponseRedirect(back)
    return _show(
        request,
        "admin/quickbooks_app/connection/release.html",
        {
            "title": "Give a company free",
            "connection": connection,
            "figures": releasing.figures(connection),
            "form": form,
            "back": back,
        },
    )


def can_release(connection: Connection | None) -> bool:
    """Whether the company is in a state in which it may be given free."""
    return connection is not None and Connection.Status.RELEASED in Connection.MOVES.allowed.get(connection.status, ())


def _show(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, {**admin.site.each_context(request), "opts": Connection._meta, **context})
