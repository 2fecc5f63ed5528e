"""The banner above every page of a supplier who must reconnect QuickBooks now or soon."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from infactor.suppliers.access import NoSupplier, SupplierNotChosen, supplier_of
from infactor.suppliers.models import Supplier
from quickbooks_app.connections import expiry
from quickbooks_app.models import Connection


@dataclass(frozen=True)
class Banner:
    """One connection that must be reconnected, or whose grant ends soon."""

    connection: Connection
    ends_at: datetime | None

    @property
    def needs_reconnect(self) -> bool:
        return self.connection.status == Connection.Status.NEEDS_ATTENTION


# An annotation of each supplier, so that a page without a banner needs no query. `of_supplier` decides.
MAY_NEED_BANNER = Exists(
    Connection.objects.filter(
        Q(status=Connection.Status.NEEDS_ATTENTION) | Q(expiry_warned_at__isnull=False), supplier=OuterRef("pk")
    )
)


def quickbooks_banners(request: HttpRequest) -> dict[str, Any]:
    """A context processor. Lazy: only full pages of signed-in users evaluate it."""
    return {"quickbooks_banners": SimpleLazyObject(lambda: _banners_for(request))}


def of_supplier(*, supplier: Supplier, at: datetime) -> Sequence[Banner]:
    """The supplier's connections that need attention; those that must be reconnected come first."""
    active = (Connection.Status.CONNECTED, Connection.Status.NEEDS_ATTENTION)
    banners = [
        Banner(connection=connection, ends_at=expiry.upcoming_grant_end(connection, at=at))
        for connection in Connection.objects.filter(supplier=supplier, status__in=active)
        .select_related("company_file")
        .defer("realm_id", "access_token", "refresh_token")
        .order_by("pk")
    ]
    return sorted(
        (banner for banner in banners if banner.needs_reconnect or banner.ends_at),
        key=lambda banner: not banner.needs_reconnect,
    )


def _banners_for(request: HttpRequest) -> Sequence[Banner]:
    try:
        supplier = supplier_of(request)
    except (NoSupplier, SupplierNotChosen):
        return ()
    return of_supplier(supplier=supplier, at=timezone.now()) if supplier.may_need_quickbooks_banner else ()  # type: ignore[attr-defined]
