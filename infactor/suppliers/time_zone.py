"""Sets a supplier's time zone from its accounting system."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from infactor.suppliers.models import Supplier


def adopt_time_zone(*, supplier: Supplier, name: str) -> bool:
    """Set the time zone of `supplier`, which decides what day it is there. Returns False for an unknown name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    Supplier.objects.filter(pk=supplier.pk).update(time_zone=name)
    supplier.time_zone = name
    return True
