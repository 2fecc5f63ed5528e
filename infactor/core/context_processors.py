"""What every template may ask for."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def house(request: HttpRequest) -> dict[str, Any]:
    """The address for help, and whether this is a machine of one's own."""
    return {
        "support_email": settings.SUPPORT_EMAIL,
        "local_mode": getattr(settings, "LOCAL_MODE", False),
        "design_page": settings.DESIGN_PAGE,
    }
