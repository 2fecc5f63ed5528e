"""A person's own name, and own sessions: end one, or all of them, after a password or factor. allauth lists them."""

import unicodedata

from allauth.account.decorators import reauthentication_required
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from infactor.core import audit
from infactor.users.models import User
from infactor.users.security import sessions


@require_POST
def change_name(request: HttpRequest) -> HttpResponse:
    """Set one's own name, or none. It is on one line: the people of the company and staff read it in lists."""
    user = _person(request)
    printed = "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in request.POST.get("name", ""))
    name = " ".join(printed.split())
    longest = User._meta.get_field("name").max_length or 0
    if len(name) > longest:
        messages.error(
            request, _("Your name was not saved: it is longer than %(longest)s characters.") % {"longest": longest}
        )
    elif name != user.name:
        user.name = name
        with transaction.atomic():
            user.save(update_fields=["name"])
            audit.record(event="user.name_changed", subject=user, by=user, at=timezone.now())
        messages.success(request, _("Your name is saved."))
    return HttpResponseRedirect(reverse("account_email"))


@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """End one of one's own sessions. Ending this one is signing out."""
    session = get_object_or_404(UserSession, pk=session_id, user_id=request.user.pk)
    is_current = session.session_key == request.session.session_key
    sessions.end(session=session, by=_person(request), at=timezone.now())
    if is_current:
        logout(request)
        return HttpResponseRedirect(reverse("account_login"))
    messages.success(request, _("That session has ended."))
    return HttpResponseRedirect(reverse("usersessions_list"))


@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of one's own, this one included."""
    user = _person(request)
    sessions.end_all(user=user, by=user, at=timezone.now())
    logout(request)
    messages.success(request, _("You are signed out on every device."))
    return HttpResponseRedirect(reverse("account_login"))


def _person(request: HttpRequest) -> User:
    """The signed-in person: LoginRequiredMiddleware lets nobody else come here."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("These pages are for people who are signed in.")
    return user
