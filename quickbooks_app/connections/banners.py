"""What stands above every page of a supplier whose QuickBooks connection needs them, now or soon."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from infactor.suppliers.access import NoSupplier, NotChosen, supplier_of
from infactor.suppliers.models import Supplier
from quickbooks_app.connections import expiry
from quickbooks_app.models import Connection


@dataclass(frozen=True)
class Banner:
    """One connection that needs its supplier: dead, or with an end that comes near."""

    connection: Connection
    ends_at: datetime | None

    @property
    def is_dead(self) -> bool:
        return self.connection.status == Connection.Status.NEEDS_ATTENTION


# Comes along with each supplier: a page of one that is well costs no query. Whether it is so still, `of_supplier` says.
MAY_BE_NEEDED = Exists(
    Connection.objects.filter(
        Q(status=Connection.Status.NEEDS_ATTENTION) | Q(expiry_warned_at__isnull=False), supplier=OuterRef("pk")
    )
)


def banners(request: HttpRequest) -> dict[str, Any]:
    """A context processor; only a whole page of somebody signed in asks for it."""
    return {"quickbooks_banners": SimpleLazyObject(lambda: _asked_by(request))}


def of_supplier(*, supplier: Supplier, at: datetime) -> Sequence[Banner]:
    """The supplier's connections that need them, the dead ones first."""
    living = (Connection.Status.CONNECTED, Connection.Status.NEEDS_ATTENTION)
    found = [
        Banner(connection=connection, ends_at=expiry.ends_soon(connection, at=at))
        for connection in Connection.objects.filter(supplier=supplier, status__in=living)
        .select_related("company_file")
        .defer("realm_id", "access_token", "refresh_token")
        .order_by("pk")
    ]
    return sorted((one for one in found if one.is_dead or one.ends_at), key=lambda one: not one.is_dead)


def _asked_by(request: HttpRequest) -> Sequence[Banner]:
    try:
        supplier = supplier_of(request)
    except (NoSupplier, NotChosen):
        return ()
    return of_supplier(supplier=supplier, at=timezone.now()) if supplier.quickbooks_may_need_them else ()  # type: ignore[attr-defined]
