"""The pulse of an open page: asked every few seconds whether something has come in, so that the page can follow."""

from django.db.models import F, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier
from quickbooks_app.models import Connection, ImportRun


@require_safe
@for_supplier
def pulse(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """A part of a page that asks again by itself, and says `books-changed` where it is not as it was `seen`."""
    moved = _moved(supplier)
    response = render(request, "quickbooks/parts/_pulse.html", {"moved": moved})
    if "seen" in request.GET and request.GET["seen"] != moved:
        response["HX-Trigger"] = "books-changed"
    return response


def _moved(supplier: Supplier) -> str:
    """A short text that is another one when a run has brought something in, or a webhook has; in one query."""
    latest = ImportRun.objects.filter(connection=OuterRef("pk")).order_by("-pk")
    rows = (
        Connection.objects.filter(supplier=supplier)
        .order_by("pk")
        .annotate(
            run=Subquery(latest.values("pk")[:1]),
            brought=Subquery(
                latest.annotate(all=F("invoices_new") + F("invoices_changed") + F("gone")).values("all")[:1]
            ),
        )
    )
    return ";".join(
        f"{run}:{brought}:{told.timestamp() if told else ''}"
        for run, brought, told in rows.values_list("run", "brought", "inbox__changed_at")
    )
