"""The sandbox issues, rotates and revokes codes and tokens, and returns Intuit's errors."""

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from quickbooks_app.sandbox.oauth import tokens as oauth_tokens
from quickbooks_app.sandbox.oauth.tokens import Tokens
from quickbooks_app.sandbox.runtime.environment import RegisteredApp
from quickbooks_app.sandbox.runtime.store import Store
from tests.functional.quickbooks_app.sandbox.conftest import REALM, REDIRECT, MovableClock

KEYS = ("infactor-local", "infactor-local-secret")
GiveTokens = Callable[..., Tokens]


@pytest.fixture
def code(store: Store, clock: MovableClock) -> str:
    return oauth_tokens.grant(
        store,
        client_id=RegisteredApp().client_id,
        realm=REALM,
        scope=oauth_tokens.ACCOUNTING,
        email="a@b.example",
        redirect_uri=REDIRECT,
        at=clock(),
    )


def exchange(client: FlaskClient, code: str, *, redirect_uri: str = REDIRECT, **options: Any) -> TestResponse:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    return client.post("/oauth2/v1/tokens/bearer", data=form, **{"auth": KEYS, **options})


def refresh(client: FlaskClient, token: str, **options: Any) -> TestResponse:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return client.post("/oauth2/v1/tokens/bearer", data=form, **{"auth": KEYS, **options})


def company(client: FlaskClient, token: str, realm: str = REALM) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    return client.get(f"/v3/company/{realm}/companyinfo/{realm}", headers=headers)


@pytest.mark.parametrize("name", ["openid_configuration", "openid_sandbox_configuration"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_discovery_is_found_under_every_spelling(client: FlaskClient, name: str, slash: str) -> None:
    document = client.get(f"/.well-known/{name}{slash}", headers={"Host": "127.0.0.1:3999"}).get_json()
    assert document["token_endpoint"] == "http://127.0.0.1:3999/oauth2/v1/tokens/bearer"
    assert document["authorization_endpoint"] == "http://127.0.0.1:3999/connect/oauth2"
    assert list(document) == [
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "revocation_endpoint",
        "jwks_uri",
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
        "scopes_supported",
        "token_endpoint_auth_methods_supported",
        "claims_supported",
    ]


def test_a_code_becomes_tokens_that_open_the_company(client: FlaskClient, code: str) -> None:
    answer = exchange(client, code)
    tokens = answer.get_json()
    assert tokens["token_type"] == "bearer"
    assert tokens["expires_in"] == 3600
    assert tokens["x_refresh_token_expires_in"] == 8726400
    assert tokens["refresh_token"].startswith("RT1-")
    assert "id_token" not in tokens
    assert answer.headers["Cache-Control"] == "no-cache, no-store"
    assert answer.headers["intuit_tid"].startswith("1-")
    assert company(client, tokens["access_token"]).get_json()["CompanyInfo"]["Id"] == "1"


def test_the_app_may_show_its_keys_in_the_form(client: FlaskClient, code: str) -> None:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "client_id": KEYS[0],
        "client_secret": KEYS[1],
    }
    assert client.post("/oauth2/v1/tokens/bearer", data=form).status_code == 200


def test_a_wrong_secret_is_an_invalid_client(client: FlaskClient, code: str) -> None:
    answer = exchange(client, code, auth=(KEYS[0], "wrong"))
    assert answer.status_code == 401
    assert answer.get_json() == {"error": "invalid_client"}
    assert exchange(client, code).status_code == 200


def test_a_code_is_bound_to_its_redirect_address(client: FlaskClient, code: str) -> None:
    answer = exchange(client, code, redirect_uri=f"{REDIRECT}/")
    assert answer.status_code == 400
    assert answer.get_json()["error"] == "invalid_grant"


def test_a_code_lives_ten_minutes(client: FlaskClient, code: str, clock: MovableClock) -> None:
    clock.advance(minutes=10)
    assert exchange(client, code).get_json()["error"] == "invalid_grant"


def test_a_code_used_twice_kills_the_tokens_it_gave(client: FlaskClient, code: str) -> None:
    tokens = exchange(client, code).get_json()
    assert exchange(client, code).get_json()["error"] == "invalid_grant"
    assert company(client, tokens["access_token"]).status_code == 401
    assert refresh(client, tokens["refresh_token"]).get_json()["error"] == "invalid_grant"


def test_of_many_who_bring_one_code_at_once_only_one_gets_tokens(store: Store, code: str, clock: MovableClock) -> None:
    def bring(_: int) -> bool:
        try:
            oauth_tokens.exchange(store, client_id=KEYS[0], code=code, redirect_uri=REDIRECT, at=clock())
        except oauth_tokens.TokenError:
            return False
        return True

    with ThreadPoolExecutor(max_workers=8) as pool:
        assert sum(pool.map(bring, range(8))) == 1


def test_an_unknown_grant_type_is_named(client: FlaskClient) -> None:
    answer = client.post("/oauth2/v1/tokens/bearer", data={"grant_type": "password"}, auth=KEYS)
    assert answer.get_json() == {"error": "unsupported_grant_type"}


def test_the_refresh_value_stays_for_a_day_and_counts_down(
    client: FlaskClient, give_tokens: GiveTokens, clock: MovableClock
) -> None:
    first = give_tokens()
    clock.advance(hours=23)
    second = refresh(client, first.refresh).get_json()
    assert second["refresh_token"] == first.refresh
    assert second["access_token"] != first.access
    assert second["x_refresh_token_expires_in"] == 8726400 - 23 * 3600


def test_the_refresh_value_changes_after_a_day_and_the_old_one_is_dead(
    client: FlaskClient, give_tokens: GiveTokens, clock: MovableClock
) -> None:
    first = give_tokens()
    clock.advance(hours=24)
    second = refresh(client, first.refresh).get_json()
    assert second["refresh_token"] != first.refresh
    assert second["x_refresh_token_expires_in"] == 8726400
    dead = refresh(client, first.refresh)
    assert (dead.status_code, dead.get_json()["error"]) == (400, "invalid_grant")
    assert refresh(client, second["refresh_token"]).status_code == 200


def test_a_refresh_token_ends_after_a_hundred_and_one_days(
    client: FlaskClient, give_tokens: GiveTokens, clock: MovableClock
) -> None:
    first = give_tokens()
    clock.advance(days=101)
    assert refresh(client, first.refresh).get_json()["error"] == "invalid_grant"


def test_no_grant_outlives_five_years(client: FlaskClient, give_tokens: GiveTokens, clock: MovableClock) -> None:
    value = give_tokens().refresh
    answer = refresh(client, value, headers={"x-include-refresh-token-hard-expires-in": "true"})
    assert answer.get_json()["x_refresh_token_hard_expires_in"] == 5 * 365 * 24 * 3600
    for _ in range(18):
        clock.advance(days=100)
        value = refresh(client, value).get_json()["refresh_token"]
    clock.advance(days=25)
    assert refresh(client, value).get_json()["error"] == "invalid_grant"


def test_an_access_token_ends_after_an_hour_and_is_echoed_in_the_fault(
    client: FlaskClient, give_tokens: GiveTokens, clock: MovableClock
) -> None:
    tokens = give_tokens()
    clock.advance(seconds=3599)
    assert company(client, tokens.access).status_code == 200
    clock.advance(seconds=1)
    answer = company(client, tokens.access)
    assert answer.status_code == 401
    assert answer.get_json()["fault"]["error"][0]["detail"] == f"Token expired: {tokens.access}"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'


def test_a_token_opens_only_its_own_company(client: FlaskClient, give_tokens: GiveTokens) -> None:
    answer = company(client, give_tokens().access, realm="9341457021722315")
    assert answer.status_code == 403
    assert answer.get_json()["fault"]["error"][0]["code"] == "3100"


def test_a_token_without_the_accounting_scope_opens_no_company(client: FlaskClient, give_tokens: GiveTokens) -> None:
    answer = company(client, give_tokens(scope="openid").access)
    assert answer.status_code == 403
    assert answer.get_json()["fault"]["error"][0]["detail"] == "The access token does not have sufficient scope"


@pytest.mark.parametrize("kind", ["access", "refresh"])
@pytest.mark.parametrize("form", [True, False])
def test_revoking_either_token_ends_both(client: FlaskClient, give_tokens: GiveTokens, kind: str, form: bool) -> None:
    tokens = give_tokens()
    body = {"token": getattr(tokens, kind)}
    options: dict[str, Any] = {"data": body} if form else {"json": body}
    answer = client.post("/v2/oauth2/tokens/revoke", auth=KEYS, **options)
    assert (answer.status_code, answer.data) == (200, b"")
    assert company(client, tokens.access).get_json()["fault"]["error"][0]["detail"] == "Token revoked"
    assert refresh(client, tokens.refresh).get_json()["error"] == "invalid_grant"
    assert client.post("/v2/oauth2/tokens/revoke", auth=KEYS, **options).status_code == 400


def test_an_unknown_token_cannot_be_revoked(client: FlaskClient) -> None:
    assert client.post("/v2/oauth2/tokens/revoke", auth=KEYS, json={"token": "nobody's"}).status_code == 400


def user_info(client: FlaskClient, token: str) -> TestResponse:
    return client.get("/v1/openid_connect/userinfo", headers={"Authorization": f"Bearer {token}"})


def test_user_info_tells_what_the_scopes_name_and_no_more(client: FlaskClient, give_tokens: GiveTokens) -> None:
    found = {
        scope: set(user_info(client, give_tokens(scope=f"openid {scope}").access).get_json())
        for scope in ("", "email", "profile", "phone", "address")
    }
    assert found == {
        "": {"sub"},
        "email": {"sub", "email", "emailVerified"},
        "profile": {"sub", "givenName", "familyName"},
        "phone": {"sub", "phoneNumber", "phoneNumberVerified"},
        "address": {"sub", "address"},
    }
    assert client.get("/v1/openid_connect/userinfo").status_code == 401


def test_user_info_is_refused_to_a_token_for_the_books_alone(client: FlaskClient, give_tokens: GiveTokens) -> None:
    answer = user_info(client, give_tokens().access)
    assert answer.status_code == 403
    assert "Larkspur" not in answer.text
    assert "rosa" not in answer.text


def test_discovery_and_id_token_name_intuits_issuer(client: FlaskClient, give_tokens: GiveTokens) -> None:
    issuer = "https://oauth.platform.intuit.com/op/v1"
    assert client.get("/.well-known/openid_sandbox_configuration").get_json()["issuer"] == issuer
    answer = refresh(client, give_tokens(scope="openid").refresh).get_json()
    _, claims, _ = answer["id_token"].split(".")
    assert json.loads(base64.urlsafe_b64decode(claims + "=="))["iss"] == issuer


def test_migrating_old_tokens_is_refused_as_json(client: FlaskClient) -> None:
    answer = client.post("/v2/oauth2/tokens/migrate", auth=KEYS, json={"scope": "com.intuit.quickbooks.accounting"})
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
    assert client.post("/v2/oauth2/tokens/migrate", json={}).status_code == 401
