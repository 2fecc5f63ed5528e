"""The URLs registered at Intuit besides the redirect URI: launch, disconnect and reconnect.

URLs with a company's id redirect to one without it, so that the id does not leak through the Referer header.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from infactor.suppliers.access import SupplierNotChosen, for_supplier, signed_in_user, supplier_of, suppliers_of
from infactor.suppliers.models import Supplier
from quickbooks_app.connections import early_check
from quickbooks_app.models import Connection

SESSION_KEY = "quickbooks_reconnect"


@require_safe
@for_supplier
def launch(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Launched from Intuit's list of apps: the dashboard, or the QuickBooks page if no company is connected."""
    connected = Connection.objects.filter(supplier=supplier, status=Connection.Status.CONNECTED)
    return HttpResponseRedirect(reverse("dashboard:home" if connected.exists() else "quickbooks:home"))


@require_safe
@login_not_required
def disconnect_landing(request: HttpRequest) -> HttpResponse:
    """Intuit redirects users here after they disconnect in QuickBooks. Not proven, so it only schedules a check."""
    early_check.schedule_early_check(realm_id=request.GET.get("realmId", ""), at=timezone.now())
    return _redirect_without_referrer(reverse("quickbooks:disconnected"))


@require_safe
@login_not_required
def disconnected(request: HttpRequest) -> HttpResponse:
    """The consequences of disconnecting, and how to reconnect. The same page for everyone."""
    return render(request, "quickbooks/disconnected.html")


@require_safe
@login_not_required
def reconnect_landing(request: HttpRequest) -> HttpResponse:
    """Intuit redirects users here after a grant has ended. The session remembers the company until they sign in."""
    connection = early_check.find_by_realm(realm_id=request.GET.get("realmId", ""))
    if connection is not None:
        request.session[SESSION_KEY] = connection.pk
    return _redirect_without_referrer(reverse("quickbooks:reconnect"))


@require_safe
def reconnect(request: HttpRequest) -> HttpResponse:
    """The button to reconnect the company that Intuit named if it is the user's own, otherwise instructions."""
    suppliers = suppliers_of(request)
    connection = (
        Connection.objects.filter(pk=request.session.get(SESSION_KEY) or 0, supplier__in=suppliers)
        .exclude(status=Connection.Status.RELEASED)
        .select_related("supplier")
        .first()
    )
    try:
        supplier = supplier_of(request)
    except SupplierNotChosen:
        supplier = None
    return render(
        request,
        "quickbooks/reconnect.html",
        {"supplier": supplier, "connection": connection, "person": signed_in_user(request)},
    )


def _redirect_without_referrer(target: str) -> HttpResponse:
    response = HttpResponseRedirect(target)
    response["Referrer-Policy"] = "no-referrer"
    return response
