"""The sandbox's consent page, for a person and for a browser."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

REALM = "9341457021722202"
REQUEST = {
    "client_id": "infactor-local",
    "redirect_uri": "http://localhost:3000/quickbook/connect",
    "response_type": "code",
    "scope": "com.intuit.quickbooks.accounting",
    "state": "s t&te/1",
}


def sign_in(client: FlaskClient) -> None:
    form = {"email": "rosa@larkspurcoffee.example", "password": "anything"}
    assert client.post("/connect/oauth2/sign-in", query_string=REQUEST, data=form).status_code == 303


def decide(client: FlaskClient, decision: str, realm: str = REALM, **changed: str) -> TestResponse:
    form = {"decision": decision, "realm": realm}
    return client.post("/connect/oauth2/decide", query_string={**REQUEST, **changed}, data=form)


def answer_of(response: TestResponse) -> dict[str, str]:
    assert response.status_code == 302
    assert response.location.startswith(REQUEST["redirect_uri"] + "?")
    return {key: values[0] for key, values in parse_qs(urlsplit(response.location).query).items()}


def test_a_person_signs_in_before_anything_is_asked(client: FlaskClient) -> None:
    page = client.get("/connect/oauth2", query_string=REQUEST).text
    assert 'type="password"' in page
    assert "Connect your company" not in page


def test_a_person_chooses_between_the_companies(client: FlaskClient) -> None:
    sign_in(client)
    page = client.get("/connect/oauth2", query_string=REQUEST).text
    assert "Larkspur Coffee Roasters" in page
    assert "Harbor &amp; Vine Ceramics" in page


def test_connect_brings_code_state_and_realm_to_the_app(client: FlaskClient) -> None:
    sign_in(client)
    answer = answer_of(decide(client, "connect"))
    assert answer["state"] == REQUEST["state"]
    assert answer["realmId"] == REALM
    assert 10 < len(answer["code"]) <= 512


def test_a_connection_without_accounting_brings_no_realm(client: FlaskClient) -> None:
    sign_in(client)
    assert "realmId" not in answer_of(decide(client, "connect", scope="openid email"))


def test_cancel_brings_access_denied_and_state(client: FlaskClient) -> None:
    sign_in(client)
    assert answer_of(decide(client, "cancel")) == {"error": "access_denied", "state": REQUEST["state"]}


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "somebody-else"},
        {"redirect_uri": "http://localhost:3000/quickbook/connect/"},
        {"redirect_uri": "http://evil.example/quickbook/connect"},
    ],
)
def test_an_unknown_app_or_address_is_never_redirected_to(client: FlaskClient, changed: dict[str, str]) -> None:
    sign_in(client)
    for response in (
        client.get("/connect/oauth2", query_string={**REQUEST, **changed}),
        decide(client, "connect", **changed),
        decide(client, "cancel", **changed),
    ):
        assert response.status_code == 400
        assert "Location" not in response.headers


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"state": ""}, "invalid_request"),
        ({"scope": "com.intuit.quickbooks.accounting all.of.it"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
    ],
)
def test_a_wrong_request_is_told_to_the_app(client: FlaskClient, changed: dict[str, str], error: str) -> None:
    response = client.get("/connect/oauth2", query_string={**REQUEST, **changed})
    assert answer_of(response)["error"] == error


def test_a_company_that_is_not_there_cannot_be_connected(client: FlaskClient) -> None:
    sign_in(client)
    assert decide(client, "connect", realm="123").status_code == 400


def test_nobody_connects_without_signing_in(client: FlaskClient) -> None:
    response = decide(client, "connect")
    assert response.status_code == 303
    assert response.location.startswith("/connect/oauth2?")


def test_the_page_refuses_frames_and_lets_its_opener_see_that_it_was_closed(client: FlaskClient) -> None:
    headers = client.get("/connect/oauth2", query_string=REQUEST).headers
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    # Without the app's origin the browser would stop the redirect that follows the form.
    assert "form-action 'self' http://localhost:3000" in policy
    assert headers["Cross-Origin-Opener-Policy"] == "unsafe-none"


def test_a_form_from_another_site_is_not_taken(client: FlaskClient) -> None:
    sign_in(client)
    response = client.post(
        "/connect/oauth2/decide",
        query_string=REQUEST,
        data={"decision": "connect", "realm": REALM},
        headers={"Origin": "http://localhost:3000"},
    )
    assert response.status_code == 403


def test_another_host_name_is_not_answered(client: FlaskClient) -> None:
    assert client.get("/", headers={"Host": "books.evil.example"}).status_code == 403
