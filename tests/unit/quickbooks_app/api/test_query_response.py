"""Query responses are parsed whatever they contain, and malformed ones are rejected."""

import json
from decimal import Decimal

import pytest

from quickbooks_app.api.query_response import (
    REPLACEMENT,
    UnreadableResponse,
    parse_query_response,
    repaired_json,
)
from tests.support.payloads import NOON, Written, answer, invoice

BODY_OF_TWO = answer("Invoice", [invoice("1"), invoice("2")])


def ids(body: bytes, entity: str = "Invoice") -> list[str]:
    return [json.loads(raw, parse_constant=str)["Id"] for raw in parse_query_response(body, entity=entity).objects]


def test_a_page_gives_its_objects_byte_for_byte_in_their_order() -> None:
    page = parse_query_response(BODY_OF_TWO, entity="Invoice")
    assert page.objects == [invoice("1"), invoice("2")]
    assert page.time == NOON


@pytest.mark.parametrize("body", [b'{"QueryResponse":{}}', b'{"QueryResponse":{},"time":"2026-11-20T04:00:00-08:00"}'])
def test_a_page_without_objects_is_a_page(body: bytes) -> None:
    assert parse_query_response(body, entity="Invoice").objects == []


@pytest.mark.parametrize("time", ['"2026-11-20T12:00:00"', '"today"', "1601391072830", "null", '""'])
def test_an_answer_whose_clock_cannot_be_read_is_an_answer(time: str) -> None:
    page = parse_query_response(
        b'{"QueryResponse":{"Invoice":[{"Id":"1"}]},"time":%s}' % time.encode(), entity="Invoice"
    )
    assert (len(page.objects), page.time) == (1, None)


def test_a_count_is_a_page_without_objects() -> None:
    assert parse_query_response(b'{"QueryResponse":{"totalCount":1240}}', entity="Invoice").total == 1240


def test_objects_of_another_kind_make_an_answer_unreadable() -> None:
    with pytest.raises(UnreadableResponse):
        parse_query_response(BODY_OF_TWO, entity="Customer")


@pytest.mark.parametrize(
    "body",
    [
        b'{"QueryResponse":{"Fault":{"Error":[{"code":"10000"}]}}}',
        b'{"QueryResponse":{"Invoice":[{"Id":"1"}],"Fault":{"Error":[{"code":"10000"}]}}}',
        b'{"QueryResponse":{"Invoice":[{"Id":"1"}]},"Fault":{"Error":[{"code":"10000"}]}}',
    ],
)
def test_a_fault_in_any_slot_makes_an_answer_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableResponse):
        parse_query_response(body, entity="Invoice")


def test_empty_slots_of_other_names_are_nothing() -> None:
    body = b'{"QueryResponse":{"Invoice":[{"Id":"1"}],"Fault":null,"Warnings":[]},"Fault":null}'
    assert ids(body) == ["1"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><html><body>We're doing some maintenance</body></html>",
        BODY_OF_TWO[:-200],
        BODY_OF_TWO[:-1],
        b"[]",
        b"null",
        b'"QueryResponse"',
        b'{"error":"invalid_grant"}',
        b'{"Fault":{"Error":[{"code":"10000"}]}}',
        b'{"QueryResponse":null}',
        b'{"QueryResponse":[]}',
        b'{"QueryResponse":{"Invoice":{"Id":"1"}}}',
        b'{"QueryResponse":{"Invoice":"many"}}',
        b'{"QueryResponse":{"totalCount":"many"}}',
        b'{"QueryResponse":{"Invoice":[' + b"[" * 100_000 + b"]" * 100_000 + b"]}}",
        b'{"QueryResponse":{"Invoice":[' + b'{"Line":' * 50_000 + b"1" + b"}" * 50_000 + b"]}}",
    ],
    ids=range(16),
)
def test_what_is_no_answer_is_never_taken_for_an_empty_page(body: bytes) -> None:
    with pytest.raises(UnreadableResponse):
        parse_query_response(body, entity="Invoice")


@pytest.mark.parametrize(
    "spoilt",
    [
        {"TotalAmt": Written("NaN")},
        {"TotalAmt": Written("-Infinity")},
        {"PrivateNote": Written(r'"half \ud800"')},
        {"PrivateNote": Written(r'"half \udc00 of a pair"')},
        {"PrivateNote": Written('"a line\nbroken"')},
        {"PrivateNote": Written(r'"nothing \u0000 here"')},
    ],
)
def test_one_spoilt_object_leaves_the_others_of_its_page_as_they_were(spoilt: dict[str, Written]) -> None:
    body = answer("Invoice", [invoice("1"), invoice("2", **spoilt), invoice("3")])
    objects = parse_query_response(body, entity="Invoice").objects
    assert [json.loads(raw)["Id"] for raw in objects] == ["1", "2", "3"]
    untouched = json.loads(objects[0], parse_float=str, parse_int=str)
    assert untouched == json.loads(invoice("1"), parse_float=str, parse_int=str)


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    body = answer("Invoice", [invoice("1", PrivateNote="XX")]).replace(b"XX", b"\xff\xfe")
    (raw,) = parse_query_response(body, entity="Invoice").objects
    assert json.loads(raw)["PrivateNote"] == REPLACEMENT * 2


def test_an_emoji_written_as_two_halves_stays_whole() -> None:
    body = answer("Invoice", [invoice("1", PrivateNote=Written(r'"\ud83d\ude00"'), DocNumber=Written(r'"\ud800"'))])
    (raw,) = parse_query_response(body, entity="Invoice").objects
    assert json.loads(raw)["PrivateNote"] == "\N{GRINNING FACE}"


@pytest.mark.parametrize("number", ["100.00", "0.1", "1234567890123456.78", "-0.01", "0", "7.1234567"])
def test_mending_leaves_every_digit_of_an_amount(number: str) -> None:
    assert repaired_json(f'{{"a":{number},"b":NaN}}'.encode()) == f'{{"a":{number},"b":"NaN"}}'.encode()


@pytest.mark.parametrize("number", ["1e400", "1E+999999", "1e-99999", "9" * 5000, "9" * 5000 + ".5"])
def test_mending_makes_text_of_a_number_beyond_all_measure(number: str) -> None:
    assert json.loads(repaired_json(f"[{number}]".encode())) == [number]


@pytest.mark.parametrize("number", ["0e999", "1e10", "1e-10"])
def test_mending_keeps_the_worth_of_a_number_with_an_exponent(number: str) -> None:
    (kept,) = json.loads(repaired_json(f"[{number}]".encode()), parse_float=Decimal, parse_int=Decimal)
    assert kept == Decimal(number)
