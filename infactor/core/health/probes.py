"""Probes: liveness for load balancers and supervisors, readiness for operators.

A load balancer asks a web process by its address, over plain http and without the host name of the site. Its question
is answered before the middleware that would redirect it to https or refuse its host.
"""

import ipaddress
from collections.abc import Callable

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotFound, JsonResponse
from django.middleware.security import SecurityMiddleware
from django.urls import resolve
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from infactor.core.health import readiness

PATHS = ("/healthz", "/readyz")
NO_STORE = {"Cache-Control": "no-store"}


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """Liveness: 200 while this process reaches its database, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database unreachable"}, status=503, headers=NO_STORE)
    return JsonResponse({"status": "ok"}, headers=NO_STORE)


@require_safe
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Readiness: 200 if every check passes, else 503 with a sentence for each that failed. 404 unless for operators.

    Warnings are shown beside either, and fail nothing.
    """
    if not is_from_operator(request):
        return HttpResponseNotFound(headers=NO_STORE)
    at = timezone.now()
    failures = readiness.failures(at=at)
    found = {} if "database" in failures else readiness.warnings(at=at)
    warnings = {"warnings": found} if found else {}
    if failures:
        return JsonResponse({"status": "not ready", "failures": failures, **warnings}, status=503, headers=NO_STORE)
    return JsonResponse({"status": "ready", **warnings}, headers=NO_STORE)


def is_from_operator(request: HttpRequest) -> bool:
    """Whether the request carries OPERATOR_TOKEN, or comes from this machine and through no proxy."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.OPERATOR_TOKEN and scheme.lower() == "bearer":
        return constant_time_compare(token.strip(), settings.OPERATOR_TOKEN)
    return "X-Forwarded-For" not in request.headers and _is_this_machine(request.META.get("REMOTE_ADDR", ""))


def answer_probes(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: answer a probe whatever host and scheme it names. It belongs before all other middleware.

    The answer has the headers of any page: a browser may open the address, too.
    """
    security, policy = SecurityMiddleware(get_response), CSPMiddleware(get_response)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info not in PATHS:
            return get_response(request)
        response = security.process_response(request, resolve(request.path_info).func(request))
        return policy.process_response(request, response)

    return middleware


def _is_this_machine(address: str) -> bool:
    """Whether `address` is of this machine. It is empty on a socket file, where the proxy names its visitor as ever."""
    try:
        return not address or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
