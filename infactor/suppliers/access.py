"""Decides which supplier a request acts for. Every view of a supplier's data goes through `for_supplier`."""

import functools
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from infactor.core import audit, second_factor
from infactor.core.middleware import admin_address
from infactor.suppliers.models import Membership, Supplier
from infactor.users import roles
from infactor.users.models import User

P = ParamSpec("P")
SESSION_KEY = "supplier"

_annotations: dict[str, Combinable] = {}


class NoSupplier(PermissionDenied):
    """The user acts for no supplier."""


class SupplierNotChosen(Exception):
    """The user acts for several suppliers and has not chosen one for this session."""


def annotate_suppliers(**expressions: Combinable) -> None:
    """Add annotations to the query that loads the user's suppliers, for what higher layers need on every page."""
    _annotations.update(expressions)


def signed_in_user(request: HttpRequest) -> User:
    """The signed-in user. Raises NoSupplier if there is none: every view behind `for_supplier` has one."""
    if not isinstance(request.user, User) or not request.user.is_active:
        raise NoSupplier("Sign in first.")
    return request.user


def suppliers_of(request: HttpRequest) -> Sequence[Supplier]:
    """The suppliers that the user may act for, oldest membership first. Queried once for each request."""
    known: Sequence[Supplier] | None = getattr(request, "_suppliers", None)
    if known is None:
        rows = Supplier.objects.filter(memberships__user=signed_in_user(request)).order_by("memberships__pk")
        known = list(rows.annotate(**_annotations))
        request._suppliers = known  # type: ignore[attr-defined]
    return known


def supplier_of(request: HttpRequest) -> Supplier:
    """The supplier that this request acts for: the user's only one, or the one chosen in the session.

    Raises NoSupplier for a user who acts for none, such as staff, who use admin. Raises SupplierNotChosen for a user
    with several who has not chosen one, or has lost the membership of the one chosen.
    """
    suppliers = suppliers_of(request)
    if not suppliers:
        raise NoSupplier("This account does not act for a company.")
    if len(suppliers) == 1:
        return suppliers[0]
    chosen = request.session.get(SESSION_KEY)
    for supplier in suppliers:
        if supplier.pk == chosen:
            return supplier
    raise SupplierNotChosen


def require_member(*, by: User | None, supplier: Supplier, owner: bool = False) -> User:
    """`by`, if they are a member of `supplier`, or its owner if `owner` is set.

    Raises roles.NotAllowed for everybody else, including staff and None, the system: both have services of their own.
    """
    if by is None or not by.is_active:
        raise roles.NotAllowed("Sign in first.")
    memberships = Membership.objects.filter(user=by, supplier=supplier)
    if owner:
        memberships = memberships.filter(role=Membership.Role.OWNER)
    if not memberships.exists():
        raise roles.NotAllowed(
            "Only an owner of this company's account can do this." if owner else "You do not act for this company."
        )
    return by


def is_owner(*, user: User, supplier: Supplier) -> bool:
    """Whether `user` is an owner of `supplier`: who may bind the company and end its connections."""
    return Membership.objects.filter(user=user, supplier=supplier, role=Membership.Role.OWNER).exists()


def choose(*, request: HttpRequest, public_id: uuid.UUID, at: datetime) -> Supplier:
    """Act for this supplier in the rest of the session. Raises NoSupplier if the user is not a member of it."""
    for supplier in suppliers_of(request):
        if supplier.public_id == public_id:
            request.session[SESSION_KEY] = supplier.pk
            audit.record(
                event="supplier.chosen", subject=supplier, by=signed_in_user(request), at=at, supplier_id=supplier.pk
            )
            return supplier
    raise NoSupplier("This account does not act for that company.")


def for_supplier(
    view: Callable[Concatenate[HttpRequest, Supplier, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """View decorator: pass the supplier that the request acts for as the second argument.

    Redirects staff to admin, and users with several suppliers to the page where they choose one. Where
    SUPPLIERS_NEED_SECOND_FACTOR is set, it leads who has not shown one to where it is set up or shown.
    """

    @functools.wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            supplier = supplier_of(request)
        except NoSupplier:
            if request.user.is_authenticated and request.user.is_staff:
                return HttpResponseRedirect(admin_address())
            raise
        except SupplierNotChosen:
            return _redirect(request, reverse("dashboard:companies"))
        if settings.SUPPLIERS_NEED_SECOND_FACTOR:
            asked = second_factor.demand(request)
            if asked is not None:
                return _redirect(request, asked["Location"])
        return view(request, supplier, *args, **kwargs)

    return wrapper


def _redirect(request: HttpRequest, url: str) -> HttpResponse:
    """Redirect to `url`. For an htmx request the whole page is redirected."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
