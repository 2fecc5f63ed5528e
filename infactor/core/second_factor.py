"""The second factor of staff: who has one, whether it was shown in this session, and how long ago.

allauth keeps in the session how its person has authenticated: one record for each password, code or passkey.
"""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
SECRETS = frozenset({"secret", "shown_later"})  # in the data of an app and of new recovery codes; a passkey has none
PLACE = "mfa_authenticator.data"  # what the secrets are bound to: table and column
METHOD = "mfa"  # of allauth's records
RETURN_KEY = "page_after_second_factor"
REMEMBERED = "had_a_factor"


def has_factor(user: object) -> bool:
    """Whether `user` has an authenticator app or a passkey. Recovery codes alone are none."""
    return bool(is_mfa_enabled(user, types=FACTORS))


def factors_of(user: Any) -> "QuerySet[Authenticator]":
    """The rows that `has_factor` asks for, of a user or of a reference to one in a query."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user=user, type__in=FACTORS)
    return found


def remember(user: object, *, has_factor: bool) -> None:
    """Keep with the person of a request what was read with them, for `demand` at its start."""
    setattr(user, REMEMBERED, has_factor)


def demand(request: HttpRequest, *, fresh: bool = False, keeps_form: bool = True) -> HttpResponse | None:
    """None if the request may go on; else the redirect to where a second factor is set up or shown.

    Staff must have a factor and have shown it in this session; with `fresh`, within SECOND_FACTOR_FRESH. A POST goes on
    by itself afterwards, so nothing that was typed is lost; without `keeps_form` the page is opened anew.
    """
    known = getattr(request.user, REMEMBERED, None)
    if not (has_factor(request.user) if known is None else known):
        if request.method == "GET":
            request.session[RETURN_KEY] = request.get_full_path()
        return HttpResponseRedirect(reverse("mfa_index"))
    shown = _last_shown(request)
    if shown is not None and not (fresh and _is_stale(shown)):
        return None
    page = _page(request, shown)
    if not keeps_form:
        return HttpResponseRedirect(f"{page}?{urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})}")
    redirect: HttpResponse = suspend_request(request, page)
    return redirect


def reencrypt_secrets() -> int:
    """Encrypt the secrets of all factors with the first of FIELD_ENCRYPTION_KEYS. Returns their number."""
    adapter = get_adapter()
    count = 0
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True).iterator():
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            for name in SECRETS & row.data.keys() if row else ():
                row.data[name] = adapter.encrypt(adapter.decrypt(row.data[name]))
                row.save(update_fields=["data"])
                count += 1
    return count


def stored_secrets() -> Iterator[str]:
    """The secrets of all factors, encrypted for PLACE."""
    for data in Authenticator.objects.order_by("pk").values_list("data", flat=True).iterator():
        yield from (data[name] for name in sorted(SECRETS & data.keys()))


def _last_shown(request: HttpRequest) -> dict[str, object] | None:
    records = get_authentication_records(request, request.user)
    return next((one for one in reversed(records) if one.get("method") == METHOD), None)


def _is_stale(record: dict[str, object]) -> bool:
    shown_at = record.get("at")
    if not isinstance(shown_at, int | float):
        return True
    return not 0 <= time.time() - shown_at < settings.SECOND_FACTOR_FRESH.total_seconds()


def _page(request: HttpRequest, shown: dict[str, object] | None) -> str:
    """The page that asks for a factor: a passkey where one was used before, or where there is nothing else."""
    if shown is not None and shown.get("type") == Authenticator.Type.WEBAUTHN:
        return reverse("mfa_reauthenticate_webauthn")
    has_app = is_mfa_enabled(request.user, types=[Authenticator.Type.TOTP])
    return reverse("mfa_reauthenticate" if has_app else "mfa_reauthenticate_webauthn")
