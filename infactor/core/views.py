"""Pages of the whole house: errors in plain words, and whether it is alive."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from infactor.core import readiness


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
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page of a form that was sent without its token: usually one left open since before sign-in."""
    return render(request, "403_csrf.html", status=403)
