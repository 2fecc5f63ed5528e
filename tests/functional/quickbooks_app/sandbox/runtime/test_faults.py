"""Faults that are switched on in the sandbox: what a call gets, for how long, and how a test switches them."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.functional.quickbooks_app.sandbox.conftest import Api, MovableClock

KEYS = ("infactor-local", "infactor-local-secret")


def switch(client: FlaskClient, **form: str) -> TestResponse:
    answer = client.post("/control/faults", data=form)
    assert answer.status_code == 200, answer.text
    return answer


def refresh(client: FlaskClient, token: str) -> TestResponse:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return client.post("/oauth2/v1/tokens/bearer", data=form, auth=KEYS)


def test_a_fault_lasts_for_the_calls_it_was_asked_for(api: Api) -> None:
    switch(api.client, kind="throttled", times="2")
    assert [api.get("/preferences").status_code for _ in range(3)] == [429, 429, 200]


def test_a_fault_without_a_number_lasts_until_it_is_switched_off(api: Api) -> None:
    switch(api.client, kind="unavailable")
    assert {api.get("/preferences").status_code for _ in range(5)} == {503}
    switch(api.client, kind="unavailable", action="off")
    assert api.get("/preferences").status_code == 200


def test_everything_can_be_switched_off_at_once(api: Api) -> None:
    switch(api.client, kind="unavailable")
    switch(api.client, kind="html")
    switch(api.client, action="clear")
    assert api.get("/preferences").status_code == 200


def test_429_speaks_as_intuit_does_and_names_no_time(api: Api) -> None:
    switch(api.client, kind="throttled")
    answer = api.get("/preferences")
    (error,) = answer.get_json()["fault"]["error"]
    assert error["code"] == "3001"
    assert error["message"] == "message=ThrottleExceeded; errorCode=003001; statusCode=429"
    assert error["detail"] == "The request limit was reached.  Try again later"
    assert "Retry-After" not in answer.headers


def test_429_can_name_a_time_and_come_as_xml(api: Api) -> None:
    switch(api.client, kind="throttled", retry_after="17", xml="on")
    answer = api.get("/preferences")
    assert answer.headers["Retry-After"] == "17"
    assert answer.content_type == "application/xml;charset=utf-8"
    assert b'<Fault type="SERVICE"><Error code="3001">' in answer.data


def test_500_is_a_system_fault(api: Api) -> None:
    switch(api.client, kind="server_error")
    answer = api.get("/preferences")
    assert answer.status_code == 500
    assert answer.get_json()["Fault"]["Error"][0]["code"] == "10000"
    assert answer.get_json()["Fault"]["type"] == "SystemFault"


def test_a_web_page_can_come_instead_of_json(api: Api) -> None:
    switch(api.client, kind="html")
    answer = api.get("/preferences")
    assert answer.status_code == 200
    assert answer.text.startswith("<!DOCTYPE html>")


def test_a_slow_answer_is_slow_and_right(api: Api) -> None:
    switch(api.client, kind="slow", seconds="1", times="1")
    assert api.get("/preferences").status_code == 200
    state = api.client.get("/control/state").get_json()
    assert state["calls"][0]["milliseconds"] >= 1000


def test_a_token_can_seem_expired(api: Api) -> None:
    switch(api.client, kind="expired_token", times="1")
    answer = api.get("/preferences")
    assert answer.status_code == 401
    assert answer.get_json()["fault"]["error"][0]["detail"].startswith("Token expired: ")
    assert api.get("/preferences").status_code == 200


def test_a_revoked_grant_shows_at_both_ends(api: Api) -> None:
    switch(api.client, kind="revoked")
    assert api.get("/preferences").get_json()["fault"]["error"][0]["detail"] == "Token revoked"
    assert refresh(api.client, "any").get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("kind", "status"), [("throttled", 429), ("server_error", 500), ("unavailable", 503), ("html", 200)]
)
def test_the_token_endpoints_can_be_in_trouble_alone(api: Api, kind: str, status: int) -> None:
    switch(api.client, kind=kind, target="tokens")
    answer = refresh(api.client, "any")
    assert answer.status_code == status
    assert "error_description" not in answer.text
    assert api.get("/preferences").status_code == 200


@pytest.mark.parametrize(
    "form", [{"kind": "earthquake"}, {"kind": "slow", "times": "0"}, {"kind": "slow", "target": "moon"}]
)
def test_a_switch_that_is_not_there_is_refused(client: FlaskClient, form: dict[str, str]) -> None:
    assert client.post("/control/faults", data=form).status_code == 400
    assert client.get("/control/state").get_json()["faults"] == []


def test_access_tokens_can_be_ended_so_that_a_refresh_helps(api: Api, give_tokens: object) -> None:
    assert callable(give_tokens)
    tokens = give_tokens()
    api.client.post("/control/tokens", data={"action": "expire"})
    assert api.get("/preferences").status_code == 401
    fresh = refresh(api.client, tokens.refresh).get_json()["access_token"]
    assert Api(client=api.client, token=fresh).get("/preferences").status_code == 200


def test_every_app_can_be_disconnected(api: Api, give_tokens: object) -> None:
    assert callable(give_tokens)
    tokens = give_tokens()
    api.client.post("/control/tokens", data={"action": "disconnect"})
    assert api.get("/preferences").status_code == 401
    assert refresh(api.client, tokens.refresh).get_json()["error"] == "invalid_grant"


def test_the_limits_of_intuit_can_be_enforced(api: Api, clock: MovableClock) -> None:
    api.client.post("/control/rules", data={"name": "limit_calls", "on": "on"})
    assert [api.get("/preferences").status_code for _ in range(11)] == [200] * 10 + [429]
    for _ in range(49):
        clock.advance(seconds=1)
        assert {api.get("/preferences").status_code for _ in range(10)} == {200}
    clock.advance(seconds=1)
    assert api.get("/preferences").status_code == 429
    clock.advance(seconds=60)
    assert api.get("/preferences").status_code == 200


def test_calls_are_counted_and_listed_without_tokens(api: Api) -> None:
    api.query("select count(*) from Invoice")
    answer = api.get("/invoice/999999")
    state = api.client.get("/control/state").get_json()
    assert state["calls_total"] == 2
    newest, oldest = state["calls"]
    assert (newest["status"], newest["intuit_tid"]) == (400, answer.headers["intuit_tid"])
    assert oldest["query"] == "select count(*) from Invoice"
    assert api.token not in str(state)
    assert state["companies"][0]["objects"]["Invoice"] >= 60


@pytest.mark.parametrize(
    ("kind", "status", "code"), [("outage_as_400", 400, "500"), ("system_fault_as_400", 400, "10000")]
)
def test_an_outage_may_come_as_400(api: Api, kind: str, status: int, code: str) -> None:
    switch(api.client, kind=kind, times="1")
    answer = api.get("/preferences")
    assert (answer.status_code, answer.get_json()["Fault"]["Error"][0]["code"]) == (status, code)
    assert api.get("/preferences").status_code == 200


def test_access_may_be_refused_once(api: Api) -> None:
    switch(api.client, kind="forbidden", times="1")
    assert [api.get("/preferences").status_code for _ in range(2)] == [403, 200]


@pytest.mark.parametrize("status", ["400", "500"])
def test_a_refused_object_spoils_every_answer_that_would_hold_it(api: Api, status: str) -> None:
    bad, good = api.invoice("100")["Id"], api.invoice("200")["Id"]
    form = {"entity": "Invoice", "id": bad, "status": status}
    assert api.client.post("/control/refused", data=form).status_code == 200
    query = {"query": f"SELECT * FROM Invoice WHERE Id IN ('{bad}', '{good}')"}
    for answer in (api.get(f"/invoice/{bad}"), api.get("/query", query_string=query)):
        assert (answer.status_code, answer.get_json()["Fault"]["Error"][0]["code"]) == (int(status), "4002")
    assert api.get(f"/invoice/{good}").status_code == 200
    assert f"Invoice {bad}, code 4002, HTTP {status}" in api.client.get("/faults").text
    api.client.post("/control/refused", data={**form, "action": "off"})
    assert api.get(f"/invoice/{bad}").status_code == 200


def test_a_refused_object_that_is_deleted_is_gone_like_any_other(api: Api) -> None:
    bad = api.invoice("100")
    api.client.post("/control/refused", data={"entity": "Invoice", "id": bad["Id"], "status": "400"})
    api.write("Invoice", {"Id": bad["Id"], "SyncToken": bad["SyncToken"]}, "?operation=delete")
    assert api.get(f"/invoice/{bad['Id']}").get_json()["Fault"]["Error"][0]["code"] == "610"


def test_only_what_is_read_can_be_refused(client: FlaskClient) -> None:
    assert client.post("/control/refused", data={"entity": "Vendor", "id": "1"}).status_code == 400
