"""A person's own sessions: end one, or all of them, after a password or factor. allauth's page lists them."""

from allauth.account.decorators import reauthentication_required
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from infactor.users.models import User
from infactor.users.security import sessions


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
