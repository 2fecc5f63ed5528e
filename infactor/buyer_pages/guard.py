"""What every response to a buyer has in common: rate limits and headers."""

import functools
from collections.abc import Callable
from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

View = Callable[..., HttpResponse]
HEADERS = {
    "Cache-Control": "no-cache, no-store, must-revalidate, private",
    # The URL is the credential, so it is never sent as a referrer.
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
RETRY_AFTER = 60  # seconds


def rate_limited(view: View) -> View:
    """Rate-limit by IP address and by link, and set HEADERS on every response."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
        action = "buyer_answer" if request.method == "POST" else "buyer_page"
        over = ratelimit.consume_or_429(request, action=action, key=token, limit_get=True) is not None
        response = _busy(request) if over else view(request, token, **kwargs)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return guarded


def closed_page(
    request: HttpRequest, reason: str, *, status: int = 200, context: dict[str, Any] | None = None
) -> HttpResponse:
    """The page that says why the link shows nothing."""
    values = {**(context or {}), "reason": reason, "support_email": settings.SUPPORT_EMAIL}
    return render(request, "buyer/closed.html", values, status=status)


def _busy(request: HttpRequest) -> HttpResponse:
    """429, with all that was typed: the next press of the button sends it again. The database is not asked."""
    typed = [(name, value) for name, values in request.POST.lists() for value in values]
    response = closed_page(request, "busy", status=429, context={"typed": typed, "has_files": bool(request.FILES)})
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response
