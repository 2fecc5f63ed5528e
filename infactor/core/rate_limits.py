"""Limits on how often one person may ask for what costs much: a search, a file, a call to QuickBooks.

`ACCOUNT_RATE_LIMITS` has the rates, counted by allauth. Everything else a person does is not counted.
"""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
RETRY_AFTER = 60  # seconds


def limited(
    *, action: str, what: str, when: Callable[[HttpRequest], bool] = lambda request: True
) -> Callable[[View[P]], View[P]]:
    """View decorator: 429 with a page once the signed-in person has done `action` too often.

    `what` completes "You … often in a short time". Only requests for which `when` holds are counted. A visitor who is
    not signed in is not counted: the view leads them to sign in.
    """

    def decorate(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            is_counted = request.user.is_authenticated and when(request)
            if is_counted and ratelimit.consume_or_429(request, action=action, limit_get=True) is not None:
                return too_many(request, f"You {what} often in a short time. Wait a minute, then try again.")
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def too_many(request: HttpRequest, sentence: str) -> HttpResponse:
    """The page for somebody who asks too often, with status 429."""
    response = render(request, "too_many.html", {"sentence": sentence}, status=429)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response
