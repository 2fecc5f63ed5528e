"""Fixtures for clients of other people: a served sandbox, a browser's session, and connected clients."""

import contextlib
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from quickbooks import QuickBooks

from tests.functional.quickbooks_app.sandbox.conftest import REALM, REDIRECT
from tests.support.processes.sandbox_server import Server, served


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def session() -> Iterator[requests.Session]:
    """An HTTP session that stands for a browser."""
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


def consent(session: requests.Session, address: str) -> dict[str, str]:
    """Sign in, connect the main company, and return what the app's callback gets."""
    query = urlsplit(address).query
    base = address.partition("/connect/oauth2")[0]
    page = session.post(f"{base}/connect/oauth2/sign-in?{query}", data={"email": "a@b.example", "password": "x"})
    assert page.status_code == 200
    form = {"decision": "connect", "realm": REALM}
    answer = session.post(f"{base}/connect/oauth2/decide?{query}", data=form, allow_redirects=False)
    assert answer.status_code == 302
    return {key: values[0] for key, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


@pytest.fixture
def auth(server: Server) -> Iterator[AuthClient]:
    """Intuit's own OAuth client, with nothing changed but the discovery address."""
    with contextlib.closing(
        AuthClient("infactor-local", "infactor-local-secret", REDIRECT, environment=server.discovery)
    ) as opened:
        yield opened


@pytest.fixture
def books(
    server: Server, auth: AuthClient, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> Iterator[QuickBooks]:
    """python-quickbooks with a new connection to the main company."""
    answer = consent(session, auth.get_authorization_url([Scopes.ACCOUNTING]))
    auth.get_bearer_token(answer["code"], realm_id=answer["realmId"])
    monkeypatch.setattr(QuickBooks, "api_url_v3", f"{server.base}/v3")
    opened = QuickBooks(auth_client=auth, refresh_token=auth.refresh_token, company_id=REALM, minorversion=75)
    yield opened
    opened.session.close()
