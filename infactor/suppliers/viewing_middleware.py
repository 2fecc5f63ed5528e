"""Serves a supplier's own pages to staff who view it, read-only, below an address of admin.

`/admin/viewing/<supplier>/invoices/` is the supplier's `/invoices/`. The address names the supplier, so two tabs never
show another one than they began with, and it is on the host on which staff are signed in. All links of the page stay
below it: the address in front is the script prefix while the page is made.
"""

import re
from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import get_script_prefix, reverse, set_script_prefix
from django.utils import timezone

from infactor.core import second_factor
from infactor.core.access import NeedsPermission
from infactor.suppliers import viewing
from infactor.suppliers.access import SAFE_METHODS
from infactor.suppliers.viewing import Viewing
from infactor.users.models import User

PUBLIC_ID = re.compile(r"(?P<public_id>[0-9a-f-]{36})(?P<page>/.*)\Z", re.DOTALL)
REFUSED = "refused/"  # where htmx is led whose request was refused: it shows no page with an error by itself
# Pages for everybody that the supplier's pages link to.
FOR_EVERYBODY = frozenset({"dashboard:privacy", "dashboard:terms", "help:index", "help:page", "quickbooks:help"})
# Files that staff may fetch elsewhere only with a permission take the same here.
PERMISSION_OF = {
    "dashboard:invoice_document": "documents.view_document",
    "dashboard:message_file": "documents.view_document",
    "quickbooks:attachment": "invoices.view_attachment",
}


class ViewingMiddleware:
    """The last middleware: it changes where a request leads after all others have seen where it came."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        folder = viewing.folder()
        found = PUBLIC_ID.match(request.path_info[len(folder) :]) if request.path_info.startswith(folder) else None
        if found is None:
            return self.get_response(request)
        opened = _open(request, found["public_id"])
        if not isinstance(opened, Viewing):
            return opened
        return self._serve(request, opened, found["page"])

    def _serve(self, request: HttpRequest, opened: Viewing, page: str) -> HttpResponse:
        outside = get_script_prefix()
        request.viewing = opened  # type: ignore[attr-defined]
        set_script_prefix(opened.address)
        try:
            if request.method not in SAFE_METHODS:
                return _refuse_change(request)
            if page == f"/{REFUSED}":
                return render(request, "suppliers/viewing_refused.html", {"is_change": True}, status=403)
            if page.startswith(("/admin/", "/accounts/")):
                return HttpResponseRedirect(page)  # staff's own pages, which the menu links to
            request.path_info = page
            response = self.get_response(request)
        finally:
            set_script_prefix(outside)
        if request.method == "GET" and response.status_code == 200 and isinstance(request.user, User):
            is_part = "HX-Request" in request.headers
            viewing.record_page(viewing=opened, page=page, is_part=is_part, by=request.user, at=timezone.now())
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Serve the supplier's pages only, and files only to who may fetch them elsewhere."""
        match = request.resolver_match
        if getattr(request, "viewing", None) is None or match is None:
            return None
        permission = PERMISSION_OF.get(match.view_name)
        is_open = getattr(view, "is_page_of_supplier", False) or match.view_name in FOR_EVERYBODY
        if is_open and (permission is None or request.user.has_perm(permission)):
            return None
        return render(request, "suppliers/viewing_refused.html", status=403)


def _open(request: HttpRequest, public_id: str) -> Viewing | HttpResponseBase:
    """What the session views, if the address names it; else the answer that says why there is nothing to see."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    at = timezone.now()
    if not (request.user.is_active and request.user.is_staff and request.user.has_perm(viewing.PERMISSION)):
        viewing.end(request=request, by=request.user, at=at, because="no permission")
        raise NeedsPermission(viewing.PERMISSION)
    asked = second_factor.demand(request)
    if asked is not None:
        return asked
    opened = viewing.current(request=request, at=at)
    if opened is None or str(opened.supplier.public_id) != public_id:
        return render(request, "suppliers/viewing_ended.html", {"opened": opened}, status=403)
    return opened


def _refuse_change(request: HttpRequest) -> HttpResponse:
    response = render(request, "suppliers/viewing_refused.html", {"is_change": True}, status=403)
    if "HX-Request" in request.headers:
        response["HX-Redirect"] = f"{reverse('dashboard:home')}{REFUSED}"
    return response
