"""The addresses that are registered at Intuit beside the redirect: launch, disconnect and reconnect.

Those that carry a company's id in their address answer with 302 to a clean one: an id must not leak by Referer.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from infactor.suppliers.access import NotChosen, for_supplier, person, supplier_of, suppliers_of
from infactor.suppliers.models import Supplier
from quickbooks_app.connections import early_check
from quickbooks_app.models import Connection

SESSION_KEY = "quickbooks_reconnect"


@require_safe
@for_supplier
def launch(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """From Intuit's app list: to the dashboard, or to where QuickBooks is connected while it is not."""
    living = Connection.objects.filter(supplier=supplier, status=Connection.Status.CONNECTED)
    return HttpResponseRedirect(reverse("dashboard:home" if living.exists() else "quickbooks:home"))


@require_safe
@login_not_required
def disconnect_address(request: HttpRequest) -> HttpResponse:
    """Intuit leads people here who disconnected in QuickBooks. It proves nothing, so it only makes us look sooner."""
    early_check.look_soon(realm_id=request.GET.get("realmId", ""), at=timezone.now())
    return _clean(reverse("quickbooks:disconnected"))


@require_safe
@login_not_required
def disconnected(request: HttpRequest) -> HttpResponse:
    """What having disconnected means, and how to connect again: the same for everybody."""
    return render(request, "quickbooks/disconnected.html")


@require_safe
@login_not_required
def reconnect_address(request: HttpRequest) -> HttpResponse:
    """Intuit leads people here whose permission has ended. The company is kept in the session, over signing in."""
    connection = early_check.find(realm_id=request.GET.get("realmId", ""))
    if connection is not None:
        request.session[SESSION_KEY] = connection.pk
    return _clean(reverse("quickbooks:reconnect_page"))


@require_safe
def reconnect_page(request: HttpRequest) -> HttpResponse:
    """One button for the company that Intuit named, if it is the person's own; else what to do instead."""
    mine = suppliers_of(request)
    connection = (
        Connection.objects.filter(pk=request.session.get(SESSION_KEY) or 0, supplier__in=mine)
        .exclude(status=Connection.Status.RELEASED)
        .select_related("supplier")
        .first()
    )
    try:
        supplier = supplier_of(request)
    except NotChosen:
        supplier = None
    return render(
        request,
        "quickbooks/reconnect.html",
        {"supplier": supplier, "connection": connection, "person": person(request)},
    )


def _clean(target: str) -> HttpResponse:
    response = HttpResponseRedirect(target)
    response["Referrer-Policy"] = "no-referrer"
    return response
