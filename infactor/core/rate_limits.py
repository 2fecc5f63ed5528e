"""Limits on how often one person may ask for what costs much: a search, a file, a call to QuickBooks.

`ACCOUNT_RATE_LIMITS` has the rates, counted by allauth. Everything else a person does is not counted.
"""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
RETRY_AFTER = 60  # seconds
# By `what`: a sentence in one piece, which can be translated.
SENTENCES = {
    "have added invoices": _("You have added invoices often in a short time. Wait a minute, then try again."),
    "have asked for files": _("You have asked for files often in a short time. Wait a minute, then try again."),
    "have asked for prices": _("You have asked for prices often in a short time. Wait a minute, then try again."),
    "have asked for quotes": _("You have asked for quotes often in a short time. Wait a minute, then try again."),
    "have changed invoices": _("You have changed invoices often in a short time. Wait a minute, then try again."),
    "have changed this": _("You have changed this often in a short time. Wait a minute, then try again."),
    "have downloaded files": _("You have downloaded files often in a short time. Wait a minute, then try again."),
    "have entered keys": _("You have entered keys often in a short time. Wait a minute, then try again."),
    "have invited people": _("You have invited people often in a short time. Wait a minute, then try again."),
    "have searched": _("You have searched often in a short time. Wait a minute, then try again."),
    "have selected invoices": _("You have selected invoices often in a short time. Wait a minute, then try again."),
    "have sent invitations": _("You have sent invitations often in a short time. Wait a minute, then try again."),
    "have started a sync": _("You have started a sync often in a short time. Wait a minute, then try again."),
    "have started to connect": _("You have started to connect often in a short time. Wait a minute, then try again."),
    "have uploaded files": _("You have uploaded files often in a short time. Wait a minute, then try again."),
    "have written": _("You have written often in a short time. Wait a minute, then try again."),
}


def limited(
    *, action: str, what: str, when: Callable[[HttpRequest], bool] = lambda request: True
) -> Callable[[View[P]], View[P]]:
    """View decorator: 429 with a page once the signed-in person has done `action` too often.

    `what` is a key of SENTENCES. Only requests for which `when` holds are counted. A visitor who is
    not signed in is not counted: the view leads them to sign in.
    """

    sentence = SENTENCES[what]

    def decorate(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            is_counted = request.user.is_authenticated and when(request)
            if is_counted and ratelimit.consume_or_429(request, action=action, limit_get=True) is not None:
                return too_many(request, str(sentence))
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def too_many(request: HttpRequest, sentence: str) -> HttpResponse:
    """The page for somebody who asks too often, with status 429."""
    response = render(request, "too_many.html", {"sentence": sentence}, status=429)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response
