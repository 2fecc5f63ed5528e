"""Between the Connect button and Intuit, where needed: choosing the app, and giving the keys of one's own."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from infactor.core.rate_limits import limited
from infactor.suppliers.access import for_supplier, signed_in_user
from infactor.suppliers.models import Supplier
from quickbooks_app.auth import app_credentials, integration_changes, integrations
from quickbooks_app.auth.app_keys import KeysRefused
from quickbooks_app.connections.key_form import OwnAppForm
from quickbooks_app.models import Connection, Integration
from quickbooks_app.views.oauth import start_consent

# Which companies can be connected, by environment, in a supplier's words.
COMPANIES = {
    Integration.Environment.PRODUCTION.value: gettext_lazy("Your company at QuickBooks (production keys)"),
    Integration.Environment.SANDBOX.value: gettext_lazy(
        "A sandbox company of Intuit's, with invented data (development keys)"
    ),
    Integration.Environment.LOCAL.value: gettext_lazy("A company on this machine, to try infactor with"),
}


@require_safe
@for_supplier
def choose(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The apps through which the supplier can connect, each a button to its consent page."""
    context = {
        "supplier": supplier,
        "options": [(one, COMPANIES[one.environment]) for one in integrations.offered_to(supplier)],
        "reconnecting": _reconnecting(request, supplier),
        "window": request.GET.get("window", "page"),
    }
    return render(request, "quickbooks/choose_app.html", context)


@limited(action="connect", what="have entered keys", when=lambda request: request.method == "POST")
@for_supplier
def keys(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """Ask for the keys of the supplier's own app, then go on to its consent page, or back to the QuickBooks page."""
    parent = next((one for one in integrations.offered_to(supplier) if one.public_id == public_id), None)
    if parent is None or not integrations.asks_for_keys(parent):
        raise Http404
    own = integrations.own_app(supplier=supplier, parent=parent)
    form = OwnAppForm(request.POST or None, parent=parent, own=own)
    if request.method == "POST" and form.is_valid():
        try:
            saved = integration_changes.save_own_app(
                parent=parent,
                supplier=supplier,
                keys=form.cleaned_data["keys"],
                by=signed_in_user(request),
                at=timezone.now(),
            )
        except (integration_changes.ChangeRefused, KeysRefused) as refused:
            form.add_error(None, str(refused))
        else:
            return _after_saving(request, supplier, saved)
    return render(request, "quickbooks/own_app.html", {"form": form, **_context(request, supplier, parent, own)})


@require_POST
@for_supplier
def forget(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """Erase the keys of an own app that no company is connected with."""
    own = integrations.own_apps(supplier).filter(public_id=public_id).first()
    if own is None:
        raise Http404
    try:
        integration_changes.forget_own_app(integration=own, by=signed_in_user(request), at=timezone.now())
    except integration_changes.ChangeRefused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("The keys of your app are erased here. They stay valid at Intuit."))
    return HttpResponseRedirect(reverse("quickbooks:home"))


def _after_saving(request: HttpRequest, supplier: Supplier, own: Integration) -> HttpResponse:
    if request.GET.get("then") == "connect":
        in_popup = request.GET.get("window") == "popup"
        return start_consent(request, supplier, own, in_popup=in_popup, reconnecting=_reconnecting(request, supplier))
    messages.success(request, _("The keys of your app are saved."))
    return HttpResponseRedirect(reverse("quickbooks:home"))


def _context(request: HttpRequest, supplier: Supplier, parent: Integration, own: Integration | None) -> dict[str, Any]:
    kept = {name: request.GET[name] for name in ("then", "window", "reconnect") if name in request.GET}
    return {
        "supplier": supplier,
        "parent": parent,
        "own": own,
        "action": f"{request.path}?{urlencode(kept)}" if kept else request.path,
        "goes_on": kept.get("then") == "connect",
        "in_popup": kept.get("window") == "popup",
        "redirect_uri": settings.QUICKBOOKS_REDIRECT_URI,
        "companies": COMPANIES[parent.environment],
        "base_domain": app_credentials.base_domain(parent.environment),
        "webhook_address": integrations.webhook_address(own) if own else "",
    }


def _reconnecting(request: HttpRequest, supplier: Supplier) -> Connection | None:
    """The connection in the query, if it is the supplier's and can be reconnected."""
    try:
        public_id = uuid.UUID(request.GET.get("reconnect", ""))
    except ValueError:
        return None
    mine = Connection.objects.filter(supplier=supplier, public_id=public_id)
    return mine.exclude(status=Connection.Status.RELEASED).first()
