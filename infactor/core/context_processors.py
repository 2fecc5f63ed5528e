"""Template variables that every page has."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site_context(request: HttpRequest) -> dict[str, Any]:
    """The support address, and whether infactor runs in local mode."""
    return {
        "support_email": settings.SUPPORT_EMAIL,
        "local_mode": getattr(settings, "LOCAL_MODE", False),
        "design_page": settings.DESIGN_PAGE,
    }
