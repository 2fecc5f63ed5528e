"""The app's own keys and addresses at Intuit, for the environment that this installation serves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypedDict
from urllib.parse import urlsplit

import msgspec
import requests
from django.conf import settings
from django.core.cache import cache

SCOPE = "com.intuit.quickbooks.accounting"
TIMEOUT = (5, 20)  # seconds to connect, and to wait for each part of the answer
DISCOVERY_KEPT = 24 * 60 * 60


@dataclass(frozen=True)
class Endpoints:
    """Where consent is asked, and tokens are given and taken back."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str


@dataclass(frozen=True)
class Integration:
    """The registered app of one environment. Keys come from the environment of the process, never the database."""

    environment: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    api_base: str
    discovery_url: str
    fallback: Endpoints
    hosts: frozenset[str]

    def endpoints(self) -> Endpoints:
        """Intuit's discovery document, kept for a day; the published addresses where it cannot be had.

        A document of another issuer, or one that leads to another host, is not believed.
        """
        key = f"quickbooks:discovery:{self.environment}:{self.discovery_url}"
        found = cache.get(key)
        if found is None:
            found = self._discover()
            if found is not None:
                cache.set(key, found, DISCOVERY_KEPT)
        return Endpoints(**found) if found else self.fallback

    def _discover(self) -> dict[str, str] | None:
        try:
            answer = requests.get(self.discovery_url, timeout=TIMEOUT, allow_redirects=False)
            answer.raise_for_status()
            document = msgspec.json.decode(answer.content, type=dict[str, msgspec.Raw])
            found = {
                name: msgspec.json.decode(document[name], type=str)
                for name in ("issuer", "authorization_endpoint", "token_endpoint", "revocation_endpoint")
            }
        except (requests.RequestException, msgspec.DecodeError, KeyError):
            return None
        trusted = found["issuer"] == self.fallback.issuer and all(
            origin(address) in self.hosts for name, address in found.items() if name != "issuer"
        )
        return found if trusted else None


def origin(address: str) -> str:
    """Scheme, host and port of an address: `https://quickbooks.api.intuit.com`."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


INTUIT = Endpoints(
    issuer="https://oauth.platform.intuit.com/op/v1",
    authorization_endpoint="https://appcenter.intuit.com/connect/oauth2",
    token_endpoint="https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",  # noqa: S106
    revocation_endpoint="https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
)
INTUIT_HOSTS = frozenset(
    {"https://appcenter.intuit.com", "https://oauth.platform.intuit.com", "https://developer.api.intuit.com"}
)


class _Addresses(TypedDict):
    api_base: str
    discovery_url: str
    fallback: Endpoints
    hosts: frozenset[str]


def current() -> Integration:
    """The integration of QUICKBOOKS_ENVIRONMENT."""
    environment: str = settings.QUICKBOOKS_ENVIRONMENT
    addresses = ADDRESSES[environment]
    return Integration(
        environment=environment,
        client_id=settings.QUICKBOOKS_CLIENT_ID,
        client_secret=settings.QUICKBOOKS_CLIENT_SECRET,
        redirect_uri=settings.QUICKBOOKS_REDIRECT_URI,
        **addresses(),
    )


def _intuit(api_base: str, document: str) -> _Addresses:
    return {
        "api_base": api_base,
        "discovery_url": f"https://developer.api.intuit.com/.well-known/{document}",
        "fallback": INTUIT,
        "hosts": INTUIT_HOSTS | {api_base},
    }


def _local() -> _Addresses:
    base = f"http://127.0.0.1:{settings.SANDBOX_PORT}"
    return {
        "api_base": base,
        "discovery_url": f"{base}/.well-known/openid_sandbox_configuration",
        "fallback": Endpoints(
            issuer=f"{base}/op/v1",
            authorization_endpoint=f"{base}/connect/oauth2",
            token_endpoint=f"{base}/oauth2/v1/tokens/bearer",
            revocation_endpoint=f"{base}/v2/oauth2/tokens/revoke",
        ),
        "hosts": frozenset({base}),
    }


ADDRESSES: dict[str, Callable[[], _Addresses]] = {
    "local": _local,
    "sandbox": lambda: _intuit("https://sandbox-quickbooks.api.intuit.com", "openid_sandbox_configuration"),
    "production": lambda: _intuit("https://quickbooks.api.intuit.com", "openid_configuration"),
}
