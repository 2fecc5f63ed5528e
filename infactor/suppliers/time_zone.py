"""A supplier's time zone decides what day it is there: an owner chooses it, else the accounting system says it."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.suppliers.access import require_member
from infactor.suppliers.models import Supplier
from infactor.users.models import User

# Names without one of these in front are old ones of the same zones.
REGIONS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


class UnknownTimeZone(ValueError):
    """There is no such time zone. Nothing was changed."""


def adopt_time_zone(*, supplier: Supplier, name: str) -> bool:
    """Take the time zone of the accounting system. Returns False for an unknown name, and where an owner chose one."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    is_taken = Supplier.objects.filter(pk=supplier.pk, time_zone_is_chosen=False).update(time_zone=name) > 0
    if is_taken:
        supplier.time_zone = name
    return is_taken


def names_by_region() -> dict[str, list[str]]:
    """The names to choose from: "America/New_York" under "America"."""
    names = sorted(available_timezones())
    return {region: [name for name in names if name.startswith(f"{region}/")] for region in REGIONS}


def choose_time_zone(*, supplier: Supplier, name: str, by: User, at: datetime) -> None:
    """Set what an owner chose; QuickBooks changes it no more. Raises UnknownTimeZone, and roles.NotAllowed."""
    require_member(by=by, supplier=supplier, owner=True)
    if name not in available_timezones():
        raise UnknownTimeZone(_("Choose a time zone from the list."))
    with transaction.atomic():
        locked = Supplier.objects.select_for_update(no_key=True).get(pk=supplier.pk)
        before = locked.time_zone
        if locked.time_zone_is_chosen and before == name:
            return
        locked.time_zone, locked.time_zone_is_chosen = name, True
        locked.save(update_fields=["time_zone", "time_zone_is_chosen", "updated_at"])
        audit.record(
            event="supplier.time_zone_chosen",
            subject=locked,
            by=by,
            at=at,
            supplier_id=locked.pk,
            details={"from": before, "to": name},
        )
    supplier.time_zone, supplier.time_zone_is_chosen = name, True
