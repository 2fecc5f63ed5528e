"""The page for somebody who is refused: which role does it, or whose page it is, and the way back."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import Group, Permission
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from infactor.core.access import NeedsPermission
from infactor.users.models import User
from infactor.users.permissions import PERMISSIONS_BY_ROLE

NAMED = 3  # colleagues to ask, at most
# The pages of Django's admin of a model, by the end of their name, with the permission that each takes.
DJANGO_PAGES = {"changelist": "view", "history": "view", "export": "view", "add": "add", "delete": "delete"}


@dataclass(frozen=True)
class Refusal:
    """Why staff are refused: the permission in words, who has it, and what the person is."""

    permission: str = ""  # "pay out advances"
    codename: str = ""
    roles: list[str] = field(default_factory=list)  # that have it; empty: only an administrator may
    own_roles: list[str] = field(default_factory=list)
    colleagues: list[str] = field(default_factory=list)
    reason: str = ""  # a sentence of who refused, where the role is not the cause


@login_not_required
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Status 403, in the words of whoever reads it: staff, a supplier, or nobody who is signed in."""
    user = request.user
    is_admin = request.path.startswith(reverse("admin:index"))
    if not isinstance(user, User) or not user.is_active:
        return render(request, "403.html", status=403)
    if hasattr(request, "viewing"):  # staff on a supplier's page (suppliers.viewing_middleware)
        return render(request, "suppliers/viewing_refused.html", status=403)
    if not user.is_staff:
        own_words = str(exception) if isinstance(exception, NeedsPermission) else ""  # written for the reader
        template = "403_staff_only.html" if is_admin else "403.html"
        return render(request, template, {"reason": own_words}, status=403)
    if not is_admin:
        return render(request, "403_supplier_only.html", status=403)
    refusal = explain(user=user, permission=_permission(request, exception), reason=str(exception))
    context = {**admin.site.each_context(request), "refusal": refusal, "back": _back(request)}
    return render(request, "admin/refused.html", context, status=403)


def explain(*, user: User, permission: str, reason: str = "") -> Refusal:
    """Which roles have `permission` ("app.codename"; "" if nobody knows which it takes), and who is in them."""
    own = sorted(user.groups.values_list("name", flat=True)) or (
        [gettext("an administrator")] if user.is_superuser else []
    )
    app, _, codename = permission.partition(".")
    row = Permission.objects.filter(content_type__app_label=app, codename=codename).first()
    if row is None or user.has_perm(permission):
        return Refusal(own_roles=own, reason=reason)
    roles = list(Group.objects.filter(name__in=PERMISSIONS_BY_ROLE, permissions=row).values_list("name", flat=True))
    holders = User.objects.filter(groups__name__in=roles) if roles else User.objects.filter(is_superuser=True)
    asked = holders.filter(is_active=True, is_staff=True).exclude(pk=user.pk).order_by("email").distinct()
    return Refusal(
        permission=row.name.removeprefix("Can "),
        codename=codename,
        roles=sorted(roles),
        own_roles=own,
        colleagues=list(asked.values_list("email", flat=True)[:NAMED]),
    )


def _permission(request: HttpRequest, exception: Exception) -> str:
    """The permission that the page takes, as the exception or the address says; "" if neither does."""
    if isinstance(exception, NeedsPermission):
        return exception.permission
    match: Any = request.resolver_match
    model_admin = getattr(match.func, "model_admin", None) if match is not None else None
    if model_admin is None:
        return ""
    opts = model_admin.opts
    page = str(match.url_name).removeprefix(f"{opts.app_label}_{opts.model_name}_")
    changes = "view" if request.method in ("GET", "HEAD") else "change"
    return f"{opts.app_label}.{DJANGO_PAGES.get(page, changes)}_{opts.model_name}"


def _back(request: HttpRequest) -> str:
    """The page of the row, else the list, that the refused page belongs to; else the home page of staff."""
    match: Any = request.resolver_match
    parts = str(match.url_name if match is not None else "").split("_")
    for length in range(len(parts) - 1, 1, -1):
        name = "_".join(parts[:length])
        pages = [("change", [match.kwargs["object_id"]])] if match.kwargs.get("object_id") else []
        for page, arguments in (*pages, ("changelist", [])):
            try:
                address = reverse(f"admin:{name}_{page}", args=arguments)
            except NoReverseMatch:
                continue
            if address != request.path:
                return address
    return reverse("admin:index")
