"""What infactor learns about a supplier from elsewhere."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from infactor.suppliers.models import Supplier


def adopt_time_zone(*, supplier: Supplier, name: str) -> bool:
    """Take the zone of the supplier's books, which decides what day it is for them; False for an unknown one."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    Supplier.objects.filter(pk=supplier.pk).update(time_zone=name)
    supplier.time_zone = name
    return True
