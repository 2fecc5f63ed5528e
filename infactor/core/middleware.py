"""Forbids browsers and proxies to store pages, keeps admin on its own host, refuses TRACE, forgets the language."""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation

# What the host of admin serves besides admin: signing in, and the probes of operators.
ALSO_ON_ADMIN_HOST = ("/accounts/", "/healthz", "/readyz")


def no_store(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Set `Cache-Control: no-store` unless the view has set it. Static files never reach this middleware."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-cache, no-store, must-revalidate, private")
        return response

    return middleware


def admin_address() -> str:
    """The address of the staff pages, on ADMIN_HOST where it is set."""
    path = reverse("admin:index")
    return f"https://{settings.ADMIN_HOST}{path}" if settings.ADMIN_HOST else path


def admin_host(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Where ADMIN_HOST is set, serve admin on that host only, and nothing else there but signing in."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.ADMIN_HOST:
            is_admin_host = request.get_host() == settings.ADMIN_HOST
            admin = reverse("admin:index")
            is_admin = request.path.startswith(admin)
            if is_admin and not is_admin_host:
                raise Http404
            if is_admin_host and not is_admin and not request.path.startswith(ALSO_ON_ADMIN_HOST):
                return HttpResponseRedirect(admin)
        return get_response(request)

    return middleware


def for_known_hosts(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse a host that ALLOWED_HOSTS does not name, and say how long the answer is. For MACHINE_MIDDLEWARE."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.get_host()
        response = get_response(request)
        response.headers.setdefault("Content-Length", str(len(response.content)))
        return response

    return middleware


def refuse_trace(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer TRACE with 405. Django's own views, those of admin among them, would answer it like GET."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method == "TRACE":
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        return get_response(request)

    return middleware


def forget_language(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Leave the thread in the default language: what it does next is for somebody else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            return get_response(request)
        finally:
            translation.deactivate()

    return middleware
