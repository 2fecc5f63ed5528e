"""Decides which supplier a request acts for. Every view of a supplier's data goes through `for_supplier`."""

import functools
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core import audit, second_factor
from infactor.core.middleware import admin_address
from infactor.suppliers.models import Membership, Supplier
from infactor.users import roles
from infactor.users.models import User

P = ParamSpec("P")
SESSION_KEY = "supplier"
READ_ONLY = gettext_lazy(
    "Your role is read-only: you see everything and change nothing. Ask an owner of your company to do it."
)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

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
        raise NoSupplier(_("Sign in first."))
    return request.user


def suppliers_of(request: HttpRequest) -> Sequence[Supplier]:
    """The suppliers that the user may act for, oldest membership first, each with the user's `role`. One query.

    For staff who view a supplier's pages it is that supplier alone, as its readers see it.
    """
    known: Sequence[Supplier] | None = getattr(request, "_suppliers", None)
    if known is None:
        viewing = getattr(request, "viewing", None)
        if viewing is not None:
            nothing_unread = {"unread_notifications": Value(0), "unread_messages": Value(0)}
            seen = {**_annotations, "role": Value(Membership.Role.READER), **nothing_unread}
            known = list(Supplier.objects.filter(pk=viewing.supplier.pk).annotate(**seen))
        else:
            rows = Supplier.objects.filter(memberships__user=signed_in_user(request)).order_by("memberships__pk")
            known = list(rows.annotate(role=F("memberships__role"), **_annotations))
        request._suppliers = known  # type: ignore[attr-defined]
    return known


def supplier_of(request: HttpRequest) -> Supplier:
    """The supplier that this request acts for: the user's only one, or the one chosen in the session.

    Raises NoSupplier for a user who acts for none, such as staff, who use admin. Raises SupplierNotChosen for a user
    with several who has not chosen one, or has lost the membership of the one chosen.
    """
    suppliers = suppliers_of(request)
    if not suppliers:
        raise NoSupplier(_("This account does not act for a company."))
    if len(suppliers) == 1:
        return suppliers[0]
    chosen = request.session.get(SESSION_KEY)
    for supplier in suppliers:
        if supplier.pk == chosen:
            return supplier
    raise SupplierNotChosen


def require_member(*, by: User | None, supplier: Supplier, owner: bool = False, reading: bool = False) -> User:
    """`by`, if their role at `supplier` lets them act: an owner or Finance, with `owner` an owner only.

    With `reading`, any member. Raises roles.NotAllowed for everybody else, including staff and None, the system: both
    have services of their own.
    """
    if by is None or not by.is_active:
        raise roles.NotAllowed(_("Sign in first."))
    role = role_of(user=by, supplier=supplier)
    if role is None:
        raise roles.NotAllowed(_("You do not act for this company."))
    if owner and role != Membership.Role.OWNER:
        raise roles.NotAllowed(_("Only an owner of this company's account can do this."))
    if role == Membership.Role.READER and not reading:
        raise roles.NotAllowed(str(READ_ONLY))
    return by


def role_of(*, user: User, supplier: Supplier) -> str | None:
    """The role in which `user` acts for `supplier`; None if they do not."""
    roles_found = Membership.objects.filter(user=user, supplier=supplier).values_list("role", flat=True)
    return roles_found.first()


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
    raise NoSupplier(_("This account does not act for that company."))


def for_supplier(
    view: Callable[Concatenate[HttpRequest, Supplier, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """View decorator: pass the supplier that the request acts for as the second argument.

    Leads staff from the home page to admin, and refuses them elsewhere. Leads users with several suppliers to the page
    where they choose one, and, where SUPPLIERS_NEED_SECOND_FACTOR is set, who has not shown a second factor to where it
    is set up or shown. Refuses who may only read whatever changes something.
    """
    return _decorate(view, readers_may_post=False)


def for_reader(
    view: Callable[Concatenate[HttpRequest, Supplier, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """`for_supplier` for what every member may do: ask for a file, and change what concerns only themselves."""
    return _decorate(view, readers_may_post=True)


def _decorate(
    view: Callable[Concatenate[HttpRequest, Supplier, P], HttpResponse], *, readers_may_post: bool
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    @functools.wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            supplier = supplier_of(request)
        except NoSupplier:
            if request.user.is_authenticated and request.user.is_staff and request.path == reverse("dashboard:home"):
                return HttpResponseRedirect(admin_address())  # where everybody arrives who has signed in
            raise
        except SupplierNotChosen:
            return _redirect(request, reverse("dashboard:companies"))
        if settings.SUPPLIERS_NEED_SECOND_FACTOR:
            asked = second_factor.demand(request)
            if asked is not None:
                return _redirect(request, asked["Location"])
        if not readers_may_post and request.method not in SAFE_METHODS and not may_act(supplier):
            raise roles.NotAllowed(str(READ_ONLY))
        return view(request, supplier, *args, **kwargs)

    return page_of_supplier(wrapper)


def page_of_supplier(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Mark `view` as a supplier's page: staff who view the supplier may open it."""
    view.is_page_of_supplier = True  # type: ignore[attr-defined]
    return view


def may_act(supplier: Supplier) -> bool:
    """Whether the role in which a request acts for `supplier` (of `supplier_of`) is more than read-only."""
    return supplier.role != Membership.Role.READER  # type: ignore[attr-defined, no-any-return]


def _redirect(request: HttpRequest, url: str) -> HttpResponse:
    """Redirect to `url`. For an htmx request the whole page is redirected."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
