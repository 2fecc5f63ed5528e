"""The client credentials of an integration, and Intuit's URLs for each QuickBooks environment."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypedDict
from urllib.parse import urlsplit

import msgspec
import requests
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_noop

from quickbooks_app.errors import IntegrationUnavailable
from quickbooks_app.models import Integration

SCOPE = "com.intuit.quickbooks.accounting"
TIMEOUT = (5, 20)  # seconds: to connect, and between two reads of the response
DISCOVERY_CACHE_SECONDS = 24 * 60 * 60
DISCOVERY_PAUSE_SECONDS = 60
DISCOVERY_TIMEOUT = (2, 3)  # seconds; there are default ones


@dataclass(frozen=True)
class Endpoints:
    """The OAuth endpoints of one environment."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str


@dataclass(frozen=True)
class AppCredentials:
    """The keys of one app, and the URLs of its environment."""

    environment: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    api_base: str
    discovery_url: str
    default_endpoints: Endpoints
    allowed_origins: frozenset[str]

    def endpoints(self) -> Endpoints:
        """The endpoints of Intuit's discovery document, cached for a day, or the default ones if it is unavailable.

        A document with another issuer or another host is not trusted.
        """
        key = self.discovery_key
        found = cache.get(key)
        if found is None:
            found = self._discover()
            # A person waits for each attempt: after one that failed, the default ones do for a minute.
            cache.set(key, found or {}, DISCOVERY_CACHE_SECONDS if found else DISCOVERY_PAUSE_SECONDS)
        return Endpoints(**found) if found else self.default_endpoints

    @property
    def discovery_key(self) -> str:
        """The key of the cached discovery document."""
        return f"quickbooks:discovery:{self.environment}:{self.discovery_url}"

    def _discover(self) -> dict[str, str] | None:
        try:
            response = requests.get(self.discovery_url, timeout=DISCOVERY_TIMEOUT, allow_redirects=False)
            response.raise_for_status()
            document = msgspec.json.decode(response.content, type=dict[str, msgspec.Raw])
            found = {
                name: msgspec.json.decode(document[name], type=str)
                for name in ("issuer", "authorization_endpoint", "token_endpoint", "revocation_endpoint")
            }
        except (requests.RequestException, msgspec.DecodeError, KeyError):
            return None
        trusted = found["issuer"] == self.default_endpoints.issuer and all(
            origin(url) in self.allowed_origins for name, url in found.items() if name != "issuer"
        )
        return found if trusted else None


def origin(url: str) -> str:
    """The scheme, host and port of a URL, for example `https://quickbooks.api.intuit.com`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


# The same in Intuit's sandbox and production, and in the one on this machine.
ISSUER = "https://oauth.platform.intuit.com/op/v1"
INTUIT_ENDPOINTS = Endpoints(
    issuer=ISSUER,
    authorization_endpoint="https://appcenter.intuit.com/connect/oauth2",
    token_endpoint="https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",  # noqa: S106
    revocation_endpoint="https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
)
INTUIT_ORIGINS = frozenset(
    {"https://appcenter.intuit.com", "https://oauth.platform.intuit.com", "https://developer.api.intuit.com"}
)


class _EnvironmentUrls(TypedDict):
    api_base: str
    discovery_url: str
    default_endpoints: Endpoints
    allowed_origins: frozenset[str]


def of_settings() -> AppCredentials:
    """The credentials in the settings; without keys there, `client_id` is empty."""
    return _credentials(
        environment=settings.QUICKBOOKS_ENVIRONMENT,
        client_id=settings.QUICKBOOKS_CLIENT_ID,
        client_secret=settings.QUICKBOOKS_CLIENT_SECRET,
    )


def of(integration: Integration) -> AppCredentials:
    """The credentials of `integration`, enabled or not.

    Raises IntegrationUnavailable if it has no keys, as when the settings changed to another environment, or if it is
    that of the local company, which runs only where the settings name it.
    """
    if integration.is_from_settings:
        found = of_settings()
        if not found.client_id or found.environment != integration.environment:
            raise IntegrationUnavailable(
                gettext_noop("The settings no longer hold the keys of this company."), code="no_keys"
            )
        return found
    local = Integration.Environment.LOCAL
    if integration.environment == local != settings.QUICKBOOKS_ENVIRONMENT:
        raise IntegrationUnavailable(gettext_noop("The local company does not run here."), code="no_keys")
    if not integration.client_id:
        raise IntegrationUnavailable(gettext_noop("Our access to QuickBooks has no keys."), code="no_keys")
    return _credentials(
        environment=integration.environment,
        client_id=integration.client_id,
        client_secret=integration.client_secret,
    )


def in_use(integration: Integration) -> AppCredentials:
    """As `of`. Also raises IntegrationUnavailable if `integration` is disabled."""
    if not integration.is_enabled:
        raise IntegrationUnavailable(gettext_noop("Our access to QuickBooks is switched off."), code="disabled")
    return of(integration)


def base_domain(environment: str) -> str:
    """The host of the API, such as `sandbox-quickbooks.api.intuit.com`."""
    return urlsplit(ENVIRONMENTS[environment]()["api_base"]).netloc


def _credentials(*, environment: str, client_id: str, client_secret: str) -> AppCredentials:
    return AppCredentials(
        environment=environment,
        client_id=client_id,
        client_secret=client_secret,
        redirect_uri=settings.QUICKBOOKS_REDIRECT_URI,
        **ENVIRONMENTS[environment](),
    )


def _intuit(api_base: str, discovery_document: str) -> _EnvironmentUrls:
    return {
        "api_base": api_base,
        "discovery_url": f"https://developer.api.intuit.com/.well-known/{discovery_document}",
        "default_endpoints": INTUIT_ENDPOINTS,
        "allowed_origins": INTUIT_ORIGINS | {api_base},
    }


def _local() -> _EnvironmentUrls:
    base = f"http://127.0.0.1:{settings.SANDBOX_PORT}"
    return {
        "api_base": base,
        "discovery_url": f"{base}/.well-known/openid_sandbox_configuration",
        "default_endpoints": Endpoints(
            issuer=ISSUER,
            authorization_endpoint=f"{base}/connect/oauth2",
            token_endpoint=f"{base}/oauth2/v1/tokens/bearer",
            revocation_endpoint=f"{base}/v2/oauth2/tokens/revoke",
        ),
        "allowed_origins": frozenset({base}),
    }


ENVIRONMENTS: dict[str, Callable[[], _EnvironmentUrls]] = {
    "local": _local,
    "sandbox": lambda: _intuit("https://sandbox-quickbooks.api.intuit.com", "openid_sandbox_configuration"),
    "production": lambda: _intuit("https://quickbooks.api.intuit.com", "openid_configuration"),
}
