"""Log redaction removes secrets and book data from every log line."""

import pytest

from infactor.core.log_redaction import HIDDEN, redact_event, redact_text


@pytest.mark.parametrize(
    "secret",
    [
        "eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0..abc-DEF_1.ghi.jkl",
        "RT1-39-H3-1785429816rcysb9dns1ofreknypnm",
        "AB11" + "q" * 46,
        "AB01" + "q" * 46,
    ],
)
@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "Bearer {}",
        "Token expired: {}",
        "Token revoked: {}",
        "{{'refresh_token': '{}'}}",
        "https://x.example/?a={}&b=1",
    ],
)
def test_a_token_is_hidden_wherever_it_stands(around: str, secret: str) -> None:
    assert secret not in redact_text(around.format(secret))


def test_a_basic_header_is_hidden() -> None:
    assert "aW5mYWN0b3ItbG9jYWw6c2VjcmV0" not in redact_text("Authorization: Basic aW5mYWN0b3ItbG9jYWw6c2VjcmV0")


@pytest.mark.parametrize("name", ["code", "state", "realmId"])
def test_the_way_back_from_intuit_is_hidden_in_an_address(name: str) -> None:
    hidden = redact_text(f"GET /quickbook/connect?{name}=canary-1&error=none")
    assert "canary-1" not in hidden
    assert hidden.endswith("&error=none")


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/password/reset/key/3-canary-1/",
        "/accounts/confirm-email/canary:1/",
        "/buyer/canary:1/",
        "/invoices/?q=canary",
        "/admin/core/outgoingmail/?to=canary%40x.example&o=1",
    ],
)
def test_what_somebody_looks_for_and_links_that_work_for_anybody_are_hidden_in_a_request(address: str) -> None:
    event = redact_event(None, "info", {"event": "request_started", "request": f"GET {address}"})
    assert "canary" not in event["request"]
    assert event["request"].startswith(f"GET {address[:7]}")


@pytest.mark.parametrize(
    "key", ["access_token", "refresh_token", "client_secret", "Authorization", "cookie", "realm_id", "email", "payload"]
)
@pytest.mark.parametrize("value", ["canary", 9341457021722202, b"canary", {"a": "canary"}])
def test_the_value_of_a_secret_key_is_hidden_whatever_it_is(key: str, value: object) -> None:
    assert redact_event(None, "info", {"event": "e", key: value})[key] == HIDDEN


@pytest.mark.parametrize("key", ["status_code", "error_code", "token_version", "run", "event"])
def test_what_staff_need_to_know_is_left(key: str) -> None:
    assert redact_event(None, "info", {key: "3200"})[key] == "3200"


def test_a_secret_deep_inside_a_value_is_hidden() -> None:
    event = redact_event(None, "info", {"event": "e", "detail": {"said": ["Token expired: eyJhbGciOi-canary"]}})
    assert "canary" not in str(event)


def test_the_status_of_an_answer_is_left_and_the_code_of_a_consent_is_not() -> None:
    assert redact_event(None, "info", {"code": 500})["code"] == 500
    assert redact_event(None, "info", {"code": "XAB1canary"})["code"] == HIDDEN
