"""Choosing the company that a user acts for."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from infactor.suppliers import access


@require_safe
def companies(request: HttpRequest) -> HttpResponse:
    """All companies of the user, with the current one marked."""
    mine = access.suppliers_of(request)
    if not mine and getattr(request.user, "is_staff", False):
        return HttpResponseRedirect(reverse("admin:index"))
    try:
        chosen = access.supplier_of(request)
    except access.SupplierNotChosen:
        chosen = None
    return render(request, "dashboard/companies.html", {"companies": mine, "supplier": chosen})


@require_POST
def choose_company(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Switch to one of the user's companies."""
    try:
        supplier = access.choose(request=request, public_id=public_id, at=timezone.now())
    except access.NoSupplier:
        raise Http404 from None
    messages.success(request, _("You now act for %(name)s.") % {"name": supplier.name})
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None, require_https=request.is_secure()):
        target = reverse("dashboard:home")
    return HttpResponseRedirect(target)
