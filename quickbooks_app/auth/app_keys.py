"""What people paste as keys of an app: trimmed, and refused with what to do if they cannot be right.

Intuit's client ids have 50 letters and digits, its client secrets 40. App ids and verifier tokens have other forms.
"""

import re
import unicodedata
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quickbooks_app.models import Integration

ID_LENGTH, SECRET_LENGTH, MAX_LENGTH = 50, 40, 200
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
TOKEN = re.compile(r"(RT1-|eyJ)")
SAMPLE = re.compile(r"infactor-local|local-only|example|change-?me|your.?client|\.\.\.|…|<|>", re.IGNORECASE)
KEYS_PAGE = gettext_lazy("At Intuit: your app, Keys and credentials.")
Environment = Integration.Environment


class KeysRefused(ValueError):
    """The keys cannot be right. `field` names the one to correct: client_id, client_secret or webhook_verifier."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Keys:
    """The keys of one app, trimmed and checked. Never printed."""

    client_id: str
    client_secret: str
    webhook_verifier: str = ""

    def __repr__(self) -> str:
        return "Keys(hidden)"


def trim(text: str) -> str:
    """`text` without white space and invisible characters around it, as they come along when a page is copied."""
    invisible = {"Cf", "Cc", "Zs", "Zl", "Zp"}
    start, end = 0, len(text)
    while start < end and unicodedata.category(text[start]) in invisible:
        start += 1
    while end > start and unicodedata.category(text[end - 1]) in invisible:
        end -= 1
    return text[start:end]


def check(*, environment: str, client_id: str, client_secret: str, webhook_verifier: str = "") -> Keys:
    """The keys of one app in `environment`, trimmed. The id and the secret may both be blank; the verifier always may.

    Raises KeysRefused.
    """
    keys = Keys(trim(client_id), trim(client_secret), ",".join(trim(one) for one in webhook_verifier.split(",")))
    for field, name in (("client_id", _("client ID")), ("client_secret", _("client secret"))):
        _check_characters(getattr(keys, field), field=field, name=name)
    _check_pair(keys)
    _check_verifier(keys)
    if keys.client_id and environment != Environment.LOCAL:
        _check_shape(keys)
        _check_redirect(environment)
    return keys


def check_environment(*, environment: str, client_id: str, pk: int | None = None) -> None:
    """An id belongs to one environment: the other one has keys of its own. Raises KeysRefused.

    `pk` is the integration that is being changed.
    """
    if not client_id:
        return
    others = Integration.objects.filter(client_id=client_id).exclude(environment=environment).exclude(pk=pk or 0)
    known = set(others.values_list("environment", flat=True))
    if client_id == settings.QUICKBOOKS_CLIENT_ID and environment != settings.QUICKBOOKS_ENVIRONMENT:
        known.add(settings.QUICKBOOKS_ENVIRONMENT)
    if not known:
        return
    theirs, ours = _kind(known.pop()), _kind(environment)
    raise KeysRefused(
        _(
            "These are %(theirs)s keys: another integration uses them with %(theirs)s companies. Here "
            "%(ours)s keys are needed. %(keys_page)s Choose %(kind)s there, and copy both keys."
        )
        % {"theirs": theirs, "ours": ours, "keys_page": KEYS_PAGE, "kind": ours.capitalize()},
        field="client_id",
    )


def _kind(environment: str) -> str:
    return {Environment.SANDBOX.value: "development", Environment.PRODUCTION.value: "production"}.get(
        environment, "local"
    )


def _check_pair(keys: Keys) -> None:
    if bool(keys.client_id) != bool(keys.client_secret):
        missing = "client_secret" if keys.client_id else "client_id"
        raise KeysRefused(_("Enter both keys, or leave both blank."), field=missing)
    if keys.client_id and keys.client_id == keys.client_secret:
        raise KeysRefused(
            _("This is the client ID again. %(keys_page)s Copy the Client Secret, below the Client ID.")
            % {"keys_page": KEYS_PAGE},
            field="client_secret",
        )
    if keys.webhook_verifier and keys.webhook_verifier in (keys.client_id, keys.client_secret):
        raise KeysRefused(
            _("This is one of the keys. The verifier token is on the Webhooks page of your app at Intuit."),
            field="webhook_verifier",
        )


def _check_characters(value: str, *, field: str, name: str) -> None:
    if any(one.isspace() or unicodedata.category(one) in ("Cf", "Cc") for one in value):
        raise KeysRefused(
            _(
                "The %(name)s has a space or an invisible character inside. %(keys_page)s Copy it with "
                "the button beside it."
            )
            % {"name": name, "keys_page": KEYS_PAGE},
            field=field,
        )
    if not value.isascii():
        raise KeysRefused(
            _("The %(name)s has characters that no key has. %(keys_page)s Copy it again.")
            % {"name": name, "keys_page": KEYS_PAGE},
            field=field,
        )
    if len(value) > MAX_LENGTH:
        raise KeysRefused(
            _("The %(name)s is too long for a key. %(keys_page)s Copy it again.")
            % {"name": name, "keys_page": KEYS_PAGE},
            field=field,
        )


def _check_verifier(keys: Keys) -> None:
    tokens = keys.webhook_verifier.split(",")
    for token in tokens:
        _check_characters(token, field="webhook_verifier", name=_("verifier token"))
    if keys.webhook_verifier and ("" in tokens or len(tokens) > 2):
        raise KeysRefused(
            _("Enter one verifier token, or two with a comma between them while one replaces the other."),
            field="webhook_verifier",
        )


def _check_shape(keys: Keys) -> None:
    for field, name, value in (
        ("client_id", _("client ID"), keys.client_id),
        ("client_secret", _("client secret"), keys.client_secret),
    ):
        if SAMPLE.search(value):
            raise KeysRefused(
                _("This is a sample and not a %(name)s. %(keys_page)s Copy yours.")
                % {"name": name, "keys_page": KEYS_PAGE},
                field=field,
            )
        if "/" in value or ":" in value:
            raise KeysRefused(
                _("This is an address and not a %(name)s. %(keys_page)s Copy the %(name)s.")
                % {"name": name, "keys_page": KEYS_PAGE},
                field=field,
            )
        if UUID.fullmatch(value):
            raise KeysRefused(
                _("This is an app ID or a verifier token, and not a %(name)s. %(keys_page)s Copy the %(name)s.")
                % {"name": name, "keys_page": KEYS_PAGE},
                field=field,
            )
        if TOKEN.match(value):
            raise KeysRefused(
                _("This is a token and not a %(name)s. %(keys_page)s Copy the %(name)s.")
                % {"name": name, "keys_page": KEYS_PAGE},
                field=field,
            )
    if len(keys.client_id) == SECRET_LENGTH:
        raise KeysRefused(
            _(
                "This looks like a client secret: it has 40 characters, and a client ID has 50. Copy the "
                "Client ID into "
                "this field, and the Client Secret into the one below."
            ),
            field="client_id",
        )
    if len(keys.client_secret) == ID_LENGTH:
        raise KeysRefused(
            _(
                "This looks like a client ID: it has 50 characters, and a client secret has 40. Copy the Client Secret "
                "here."
            ),
            field="client_secret",
        )


def _check_redirect(environment: str) -> None:
    if environment == Environment.PRODUCTION and not settings.QUICKBOOKS_REDIRECT_URI.startswith("https://"):
        raise KeysRefused(
            _(
                "Intuit returns people to %(address)s with development keys only. "
                "Production keys need an https address: set QUICKBOOKS_REDIRECT_URI, or choose the "
                "sandbox and its development keys."
            )
            % {"address": settings.QUICKBOOKS_REDIRECT_URI},
            field="environment",
        )
