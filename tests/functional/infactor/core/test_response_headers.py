"""Every response carries the headers that bind a browser: pages, files, probes, errors and redirects alike."""

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from infactor.suppliers.models import Supplier
from infactor.users.models import User
from tests.support.factories.suppliers import PASSWORD

pytestmark = pytest.mark.django_db

YEAR = 365 * 24 * 60 * 60


@pytest.fixture(autouse=True)
def as_in_production(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = YEAR
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/accounts/login/", 200),
        ("/invoices/", 302),
        ("/healthz", 200),
        ("/readyz", 404),
        ("/static/js/app.js", 200),
        ("/quickbook/webhook", 405),
        ("/no-such-page", 404),
        ("/buyer/no-such-token/", 404),
    ],
)
def test_every_response_binds_the_browser(client: Client, address: str, status: int) -> None:
    answer = client.get(address, secure=True, REMOTE_ADDR="203.0.113.7")
    answer.close()
    headers = answer.headers
    assert answer.status_code == status
    assert headers["Strict-Transport-Security"] == f"max-age={YEAR}; includeSubDomains"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    policy = headers["Content-Security-Policy"]
    for directive in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert directive in policy
    assert "Access-Control-Allow-Origin" not in headers
    kind = headers["Content-Type"]
    assert "charset=" in kind or kind == "application/json"


def test_a_redirect_to_https_binds_the_browser_too(client: Client) -> None:
    answer = client.get("/accounts/login/")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/accounts/login/")
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_every_cookie_is_named_in_the_settings_and_kept_from_scripts_and_plain_http(
    client: Client, supplier: Supplier
) -> None:
    """Production gives each of these names the prefix `__Host-`; one that the framework names itself has none."""
    person = supplier.members.get()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD}, secure=True)
    client.get(reverse("account_login"), secure=True)
    client.post(reverse("account_logout"), secure=True)
    named = {value for name, value in vars(configured._wrapped).items() if name.endswith("_COOKIE_NAME")}
    named |= {getattr(configured, name) for name in dir(configured) if name.endswith("_COOKIE_NAME")}
    assert client.cookies.keys() <= named
    for cookie in client.cookies.values():
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")


def test_the_method_trace_is_refused_everywhere(client: Client, staff: User) -> None:
    client.force_login(staff)
    for address in ("/", "/accounts/login/", "/admin/", "/healthz", "/quickbook/webhook"):
        assert client.trace(address, secure=True).status_code == 405, address
