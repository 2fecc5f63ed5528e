"""The language of a person: chosen once, kept with the account, or in a cookie by who is not signed in.

A stranger reads the language of the browser. Who signs in with a browser in another language than the default one
takes it along, until they choose. Staff read the default language until they choose: their pages are not translated.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from infactor.core import languages
from infactor.users.models import User


def personal_language(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer a person who is signed in in their own language; LocaleMiddleware has set that of the browser before."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, User):
            code = _language_of(request.user)
            translation.activate(code)
            request.LANGUAGE_CODE = code
        return get_response(request)

    return middleware


def mail_language(email: str) -> str:
    """In which language to write to `email`: that of its account, or that of the request that causes the mail."""
    user = User.objects.filter(email__iexact=email).first()
    return languages.current() if user is None else _language_of(user)


def choose(*, user: User, code: str) -> None:
    """`user` reads `code` from now on, on pages and in emails."""
    user.language = code
    user.save(update_fields=["language"])


@receiver(user_logged_in)
def take_along(sender: Any, user: User, **kwargs: Any) -> None:
    """Without a choice yet, the language in which somebody signs in is theirs: emails are in it, too."""
    if not user.language and not user.is_staff and languages.current() != languages.default():
        choose(user=user, code=languages.current())


# No CSRF token: buyers' pages have none, for lack of cookies, and nothing is at stake. Another site cannot change what
# an account has: its session cookie does not come along.
@csrf_exempt
@login_not_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Change the language of the account, and of this browser. Leads back to the page `next`."""
    code = request.POST.get("language", "")
    if not languages.is_known(code):
        return HttpResponseBadRequest("Unknown language.", content_type="text/plain")
    if isinstance(request.user, User):
        choose(user=request.user, code=code)
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None, require_https=request.is_secure()):
        target = resolve_url(settings.LOGIN_REDIRECT_URL)
    response = HttpResponseRedirect(target)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response


def _language_of(user: User) -> str:
    if languages.is_known(user.language):
        return user.language
    return languages.default() if user.is_staff else languages.current()
