"""No page of anyone's books is kept by a browser or a proxy."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


def private_by_default(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Every answer that does not say otherwise is `no-store`; static files are answered before this."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-cache, no-store, must-revalidate, private")
        return response

    return middleware
