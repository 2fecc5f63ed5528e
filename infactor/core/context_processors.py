"""Template variables that every page has."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from infactor.core.middleware import admin_address


def site_context(request: HttpRequest) -> dict[str, Any]:
    """The support address, that of the staff pages, and whether infactor runs in local mode."""
    return {
        "staff_pages": admin_address(),
        "support_email": settings.SUPPORT_EMAIL,
        "local_mode": getattr(settings, "LOCAL_MODE", False),
        "design_page": settings.DESIGN_PAGE,
    }
