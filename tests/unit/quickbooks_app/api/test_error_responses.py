"""Error responses are classified correctly, and their text is never repeated."""

import json

import pytest
import requests

from quickbooks_app.api.error_responses import MAX_RETRY_AFTER, raise_for_error
from quickbooks_app.errors import (
    AnswerRefused,
    AuthorizationLost,
    InternalFault,
    QuickBooksError,
    Rejected,
    Throttled,
    TokenExpired,
    Transient,
)
from tests.support.payloads import answer, fault, gateway_fault, invoice

JSON = "application/json;charset=utf-8"
XML_THROTTLED = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><IntuitResponse time="2026-11-20T04:00:00.000-08:00"'
    b' xmlns="http://schema.intuit.com/finance/v3"><Fault type="SERVICE"><Error code="3001">'
    b"<Message>message=ThrottleExceeded; errorCode=003001; statusCode=429</Message>"
    b"<Detail>The request limit was reached.  Try again later</Detail></Error></Fault></IntuitResponse>"
)


def met(status: int, body: bytes = b"", *, content: str = JSON, **headers: str) -> QuickBooksError | None:
    response = requests.Response()
    response.status_code = status
    response.headers.update({"Content-Type": content, "intuit_tid": "1-abc", **headers})
    try:
        raise_for_error(response, body)
    except QuickBooksError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (401, gateway_fault("3200"), TokenExpired, "3200"),
        (401, gateway_fault("130"), Transient, "130"),
        (401, b"", TokenExpired, ""),
        (403, gateway_fault("3100"), AuthorizationLost, "3100"),
        (403, gateway_fault("3001"), Throttled, "3001"),
        (429, gateway_fault("3001"), Throttled, "3001"),
        (400, fault("6190"), AuthorizationLost, "6190"),
        (400, fault("4000"), Rejected, "4000"),
        (400, fault("4002"), AnswerRefused, "4002"),
        (500, fault("4002"), AnswerRefused, "4002"),
        (400, fault("2500"), AnswerRefused, "2500"),
        (400, fault("500"), InternalFault, "500"),
        (400, fault("9999", kind="SystemFault"), InternalFault, "9999"),
        (400, fault("610"), Rejected, "610"),
        (400, fault("10000"), InternalFault, "10000"),
        (400, b"not json", Rejected, ""),
        (404, b"<html>", Rejected, ""),
        (500, fault("10000", kind="SystemFault"), InternalFault, "10000"),
        (500, b"", InternalFault, ""),
        (502, b"<html>Bad gateway</html>", Transient, ""),
        (503, b"upstream connect error", Transient, ""),
        (504, b"", Transient, ""),
        (302, b"", Rejected, ""),
    ],
)
def test_a_refusal_is_named_by_what_can_be_done_about_it(
    status: int, body: bytes, error: type[QuickBooksError], code: str
) -> None:
    found = met(status, body)
    assert type(found) is error
    assert (found.code, found.status, found.intuit_tid) == (code, status, "1-abc")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (fault("10000", kind="SystemFault"), InternalFault),
        (gateway_fault("3200"), Rejected),
        (gateway_fault("3001"), Throttled),
        (json.dumps({"Fault": {"Error": [{"Message": "no code"}], "type": "SystemFault"}}).encode(), None),
    ],
)
def test_a_fault_under_status_200_is_a_fault(body: bytes, error: type[QuickBooksError] | None) -> None:
    found = met(200, body)
    assert (type(found) if found else None) is error


def test_a_good_answer_is_let_through_even_if_it_speaks_of_faults() -> None:
    assert met(200, answer("Invoice", [invoice(PrivateNote="our fault")])) is None
    assert met(200, answer("Invoice", [b'{"Default":1,"fault":null,"Id":"1"}'])) is None


def test_a_web_page_under_status_200_is_no_answer() -> None:
    found = met(200, b"<!DOCTYPE html><html></html>", content="text/html")
    assert isinstance(found, Transient)
    assert found.code == "not_json"


def test_being_throttled_is_understood_in_xml_as_well() -> None:
    found = met(429, XML_THROTTLED, content="application/xml")
    assert isinstance(found, Throttled)
    assert (found.code, found.retry_after) == ("3001", 60)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("86400", MAX_RETRY_AFTER),
        ("Fri, 20 Nov 2026 12:00:00 GMT", 60),
        ("-5", 60),
        ("soon", 60),
        ("", 60),
        ("٧", 60),
        ("9" * 5000, MAX_RETRY_AFTER),
    ],
)
def test_the_wait_is_the_one_that_was_asked_for_within_bounds(given: str, seconds: int) -> None:
    found = met(429, gateway_fault("3001"), **{"Retry-After": given})
    assert isinstance(found, Throttled)
    assert found.retry_after == seconds


@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 500])
@pytest.mark.parametrize("body", [fault("4000"), gateway_fault("3200"), fault("eyJ" + "x" * 100)])
def test_no_message_repeats_the_detail_which_may_hold_the_token(status: int, body: bytes) -> None:
    found = met(status, body)
    assert found is not None
    assert "canary" not in str(found)
    assert "canary" not in found.code


@pytest.mark.parametrize(
    "body",
    [
        b'{"Fault":{"Error":null}}',
        b'{"Fault":[]}',
        b'{"Fault":{"Error":[{"code":null}]}}',
        b'{"fault":{"error":[]},"Fault":null}',
        b"[" * 100_000,
        b"\xff\xfe",
        b"<Error code=",
    ],
)
def test_a_fault_without_form_is_still_a_refusal(body: bytes) -> None:
    assert type(met(400, body)) is Rejected
