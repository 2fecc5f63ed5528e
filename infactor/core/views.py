"""Pages of the whole house: errors in plain words, and whether it is alive."""

import sys

from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError, connection
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from infactor.core.health import readiness

COME_AGAIN = 30  # seconds


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while this process answers and reaches its database, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database unreachable"}, status=503)
    return JsonResponse({"status": "ok"})


@require_safe
@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """200 while the installation can do its work, else 503 with a sentence for each thing that is wrong."""
    troubles = readiness.troubles(at=timezone.now())
    if troubles:
        return JsonResponse({"status": "not ready", "troubles": troubles}, status=503)
    return JsonResponse({"status": "ready"})


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """The page of what nobody foresaw. A database that is full, away or overloaded is no fault of the page: then it is
    503, and says when to come again. Without context processors: they would ask the database who is signed in."""
    if isinstance(sys.exc_info()[1], OperationalError):
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": str(COME_AGAIN)})
    return HttpResponse(render_to_string("500.html"), status=500)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page of a form that was sent without its token: usually one left open since before sign-in."""
    return render(request, "403_csrf.html", status=403)
