"""Error pages."""

import sys

from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

RETRY_AFTER = 30  # seconds


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """The page for an unexpected error: 503 with Retry-After if the database is full, down or overloaded, else 500.

    Rendered without context processors, which would query the database for the user.
    """
    if isinstance(sys.exc_info()[1], OperationalError):
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": str(RETRY_AFTER)})
    return HttpResponse(render_to_string("500.html"), status=500)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form without a valid CSRF token, usually one that was left open since before sign-in."""
    return render(request, "403_csrf.html", status=403)
