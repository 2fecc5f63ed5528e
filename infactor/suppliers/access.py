"""The one gate: which supplier may this request act for. Every view of a supplier's rows passes it."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from infactor.suppliers.models import Supplier
from infactor.users.models import User

P = ParamSpec("P")
SESSION_KEY = "supplier"


class NoSupplier(PermissionDenied):
    """The person who asks acts for no supplier."""


def person(request: HttpRequest) -> User:
    """Who is signed in. Raises NoSupplier for nobody: behind the gate there is always somebody."""
    if not isinstance(request.user, User) or not request.user.is_active:
        raise NoSupplier("Sign in first.")
    return request.user


def supplier_of(request: HttpRequest) -> Supplier:
    """The supplier that this request acts for: the one chosen in the session, else the first of the person's.

    Raises NoSupplier for a person who acts for none, staff among them: staff read suppliers in admin.
    """
    mine = Supplier.objects.filter(memberships__user=person(request)).order_by("memberships__pk")
    chosen = request.session.get(SESSION_KEY)
    supplier = (mine.filter(pk=chosen).first() if chosen else None) or mine.first()
    if supplier is None:
        raise NoSupplier("This account does not act for a company.")
    return supplier


def for_supplier(
    view: Callable[Concatenate[HttpRequest, Supplier, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Give a view the supplier that its request acts for, as its second argument; staff go to admin instead."""

    @functools.wraps(view)
    def gated(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            supplier = supplier_of(request)
        except NoSupplier:
            if request.user.is_authenticated and request.user.is_staff:
                return HttpResponseRedirect(reverse("admin:index"))
            raise
        return view(request, supplier, *args, **kwargs)

    return gated
