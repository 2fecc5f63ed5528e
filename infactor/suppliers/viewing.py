"""Staff view a supplier's own pages: begun with a reason, for one supplier and for half an hour, and audited.

The staff person stays who they are: nothing acts in the name of the supplier's people. What is viewed is kept in the
session, so it ends with it. Only the pages below the address of `Viewing.address` know of it (viewing_middleware).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from infactor.core import audit
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User

PERMISSION = "suppliers.open_supplier_pages"
LASTS = timedelta(minutes=30)
SESSION_KEY = "viewing"
FOLDER = "viewing/"  # below admin's address, so that it is served where staff are signed in


@dataclass(frozen=True)
class Viewing:
    """A supplier whose pages somebody views, until when, and the addresses around it, made outside its pages."""

    supplier: Supplier
    until: datetime
    address: str  # of the supplier's home page as staff see it; all its other pages are below
    stop_address: str
    row_address: str  # staff's page of the supplier

    @property
    def until_text(self) -> str:
        """The end as staff's pages show moments: in UTC, whatever zone the supplier's pages are in."""
        return f"{self.until:%H:%M} UTC"


def folder() -> str:
    """The address below which all viewed pages are: "/admin/viewing/"."""
    return f"{reverse('admin:index')}{FOLDER}"


def begin(*, request: HttpRequest, supplier: Supplier, by: User | None, at: datetime, reason: str) -> Viewing:
    """Begin to view `supplier`. What was viewed before ends: one session views one supplier at a time.

    Raises roles.NotAllowed for who has no permission.
    """
    person = roles.require(by, PERMISSION)
    end(request=request, by=person, at=at, because="another supplier")
    until = at + LASTS
    request.session[SESSION_KEY] = {"supplier": supplier.pk, "until": until.timestamp()}
    audit.record(
        event="supplier.viewing_started", subject=supplier, by=person, at=at, supplier_id=supplier.pk, reason=reason
    )
    return _viewing(supplier, until)


def current(*, request: HttpRequest, at: datetime) -> Viewing | None:
    """What this session views; None if nothing, or if its time is over, which ends it."""
    kept = request.session.get(SESSION_KEY)
    supplier = Supplier.objects.filter(pk=kept["supplier"]).first() if kept else None
    if kept is None or supplier is None:
        return None
    until = datetime.fromtimestamp(kept["until"], tz=UTC)
    if at >= until:
        end(request=request, by=request.user, at=at, because="time over")
        return None
    return _viewing(supplier, until)


def end(*, request: HttpRequest, by: Any, at: datetime, because: str) -> Supplier | None:
    """Stop viewing. Returns the supplier; None if nothing was viewed."""
    kept = request.session.pop(SESSION_KEY, None)
    supplier = Supplier.objects.filter(pk=kept["supplier"]).first() if kept else None
    if supplier is not None:
        audit.record(
            event="supplier.viewing_stopped",
            subject=supplier,
            by=by,
            at=at,
            supplier_id=supplier.pk,
            details={"because": because},
        )
    return supplier


def record_page(*, viewing: Viewing, page: str, is_part: bool, by: User, at: datetime) -> None:
    """Keep that `by` saw `page`, an address without its query, which may hold names.

    A part that a page loads by itself is kept once: open pages ask again every few seconds.
    """
    if is_part and _has_seen(viewing, page, by):
        return
    audit.record(
        event="supplier.page_viewed",
        subject=viewing.supplier,
        by=by,
        at=at,
        supplier_id=viewing.supplier.pk,
        details={"page": page},
    )


def _has_seen(viewing: Viewing, page: str, by: User) -> bool:
    seen = audit.of(viewing.supplier).filter(event="supplier.page_viewed", actor=by, details__page=page)
    return seen.filter(at__gte=viewing.until - LASTS).exists()


def _viewing(supplier: Supplier, until: datetime) -> Viewing:
    return Viewing(
        supplier=supplier,
        until=until,
        address=f"{folder()}{supplier.public_id}/",
        stop_address=reverse("admin:suppliers_viewing_stop"),
        row_address=reverse("admin:suppliers_supplier_change", args=[supplier.pk]),
    )


@receiver(user_logged_out)
def end_with_the_session(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    if request is not None and hasattr(request, "session"):
        end(request=request, by=user, at=timezone.now(), because="signed out")
