"""Live updates: an open page asks every few seconds whether its data has changed."""

from django.db.models import F, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier
from quickbooks_app.models import Connection, ImportRun


@require_safe
@for_supplier
def changes_since(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """A fragment that reloads itself. Triggers `books-changed` if the data has changed since the token in `since`."""
    change_token = _change_token(supplier)
    response = render(request, "quickbooks/parts/_live_updates.html", {"change_token": change_token})
    if "since" in request.GET and request.GET["since"] != change_token:
        response["HX-Trigger"] = "books-changed"
    return response


def _change_token(supplier: Supplier) -> str:
    """A text that changes whenever a run or a webhook has changed data. Takes one query."""
    latest = ImportRun.objects.filter(connection=OuterRef("pk")).order_by("-pk")
    rows = (
        Connection.objects.filter(supplier=supplier)
        .order_by("pk")
        .annotate(
            run=Subquery(latest.values("pk")[:1]),
            changes=Subquery(
                latest.annotate(all=F("invoices_new") + F("invoices_changed") + F("invoices_deleted")).values("all")[:1]
            ),
        )
    )
    return ";".join(
        f"{run}:{changes}:{webhook_at.timestamp() if webhook_at else ''}"
        for run, changes, webhook_at in rows.values_list("run", "changes", "inbox__changed_at")
    )
