"""The one gate: which supplier may this request act for. Every view of a supplier's rows passes it."""

import functools
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from infactor.core import audit
from infactor.suppliers.models import Membership, Supplier
from infactor.users import roles
from infactor.users.models import User

P = ParamSpec("P")
SESSION_KEY = "supplier"

_brought_along: dict[str, Combinable] = {}


class NoSupplier(PermissionDenied):
    """The person who asks acts for no supplier."""


class NotChosen(Exception):
    """The person who asks acts for several suppliers, and has not said for which one now."""


def bring_along(**expressions: Combinable) -> None:
    """Ask these of every supplier in the one query that finds it: what upper floors want to know on each page."""
    _brought_along.update(expressions)


def person(request: HttpRequest) -> User:
    """Who is signed in. Raises NoSupplier for nobody: behind the gate there is always somebody."""
    if not isinstance(request.user, User) or not request.user.is_active:
        raise NoSupplier("Sign in first.")
    return request.user


def suppliers_of(request: HttpRequest) -> Sequence[Supplier]:
    """Every supplier that the person who asks may act for, the first joined first; asked for once a request."""
    known: Sequence[Supplier] | None = getattr(request, "_suppliers", None)
    if known is None:
        mine = Supplier.objects.filter(memberships__user=person(request)).order_by("memberships__pk")
        known = list(mine.annotate(**_brought_along))
        request._suppliers = known  # type: ignore[attr-defined]
    return known


def supplier_of(request: HttpRequest) -> Supplier:
    """The supplier that this request acts for: the only one, or the one chosen in the session.

    Raises NoSupplier for a person who acts for none, staff among them: staff read suppliers in admin. Raises
    NotChosen for a person with several who has not chosen, or chose one that is theirs no more.
    """
    mine = suppliers_of(request)
    if not mine:
        raise NoSupplier("This account does not act for a company.")
    if len(mine) == 1:
        return mine[0]
    chosen = request.session.get(SESSION_KEY)
    for supplier in mine:
        if supplier.pk == chosen:
            return supplier
    raise NotChosen


def require_member(*, by: User | None, supplier: Supplier, owner: bool = False) -> User:
    """`by`, if they act for `supplier` at this moment, as its owner where `owner` is asked for.

    Raises roles.NotAllowed for everybody else: staff, who have services of their own, and None, the house itself.
    """
    if by is None or not by.is_active:
        raise roles.NotAllowed("Sign in first.")
    mine = Membership.objects.filter(user=by, supplier=supplier)
    if owner:
        mine = mine.filter(role=Membership.Role.OWNER)
    if not mine.exists():
        raise roles.NotAllowed(
            "Only an owner of this company's account can do this." if owner else "You do not act for this company."
        )
    return by


def choose(*, request: HttpRequest, public_id: uuid.UUID, at: datetime) -> Supplier:
    """Act for this supplier from now on in this session. Raises NoSupplier if it is none of the person's."""
    for supplier in suppliers_of(request):
        if supplier.public_id == public_id:
            request.session[SESSION_KEY] = supplier.pk
            audit.record(event="supplier.chosen", subject=supplier, by=person(request), at=at, supplier_id=supplier.pk)
            return supplier
    raise NoSupplier("This account does not act for that company.")


def for_supplier(
    view: Callable[Concatenate[HttpRequest, Supplier, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Give a view the supplier that its request acts for, as its second argument.

    Staff go to admin instead, and who acts for several suppliers is asked for which one first.
    """

    @functools.wraps(view)
    def gated(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            supplier = supplier_of(request)
        except NoSupplier:
            if request.user.is_authenticated and request.user.is_staff:
                return HttpResponseRedirect(reverse("admin:index"))
            raise
        except NotChosen:
            return _ask_which(request)
        return view(request, supplier, *args, **kwargs)

    return gated


def _ask_which(request: HttpRequest) -> HttpResponse:
    """To the list of companies; a part of a page that asks takes its whole page there."""
    where = reverse("dashboard:companies")
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": where})
    return HttpResponseRedirect(where)
