"""Webhook bodies are parsed in both formats, in every known spelling."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from quickbooks_app.webhooks import parsing
from tests.support.fakes.signed_webhooks import change, cloud, cloud_event, envelope


def one(body: bytes) -> parsing.Event:
    (event,) = parsing.parse(body).events
    return event


def test_a_cloud_event_is_understood_with_its_nanoseconds() -> None:
    event = one(cloud(cloud_event("310687", "1234", id="d1a3aedd")))
    assert event == parsing.Event(
        event_id="d1a3aedd",
        realm_id="310687",
        entity="Invoice",
        qbk_id="1234",
        operation="update",
        merged_id="",
        changed_at=datetime(2026, 9, 10, 21, 31, 25, 179851, UTC),
    )


@pytest.mark.parametrize(
    ("kind", "entity", "operation"),
    [
        ("qbo.invoice.void.v1", "Invoice", "void"),
        ("qbo.invoice.voided.v1", "Invoice", "void"),
        ("qbo.Invoice.Updated.v1", "Invoice", "update"),
        ("QBO.CREDITMEMO.CREATED.V1", "CreditMemo", "create"),
        ("qbo.payment.deleted.v2", "Payment", "delete"),
        ("qbo.customer.merged", "Customer", "merge"),
        ("qbo.invoice.emailed.v1", "Invoice", "emailed"),
        ("qbo.invoice.restored.v1", "Invoice", "restored"),
    ],
)
def test_a_type_is_understood_however_it_is_spelled(kind: str, entity: str, operation: str) -> None:
    event = one(cloud(cloud_event("1", "2", kind)))
    assert (event.entity, event.operation, event.is_imported) == (entity, operation, True)


@pytest.mark.parametrize("kind", ["qbo.vendor.created.v1", "qbo.changeorder.updated.v1"])
def test_an_object_that_is_not_read_is_told_apart(kind: str) -> None:
    assert not one(cloud(cloud_event("1", "2", kind))).is_imported


@pytest.mark.parametrize(
    "strange",
    [
        {"type": "payroll.employee"},
        {"type": "qbo.invoice"},
        {"type": 7},
        {"intuitaccountid": ""},
        {"intuitaccountid": "1' OR 1"},
        {"intuitentityid": "1')"},
        {"intuitentityid": "\x00"},
        {"intuitentityid": None},
        {"time": 5},
    ],
)
def test_one_strange_event_does_not_spoil_the_others(strange: dict[str, Any]) -> None:
    told = parsing.parse(cloud({**cloud_event("1", "2"), **strange}, cloud_event("1", "3")))
    assert [event.qbk_id for event in told.events] == ["3"]
    assert told.unrecognised_count == 1


def test_ids_that_come_as_numbers_are_ids() -> None:
    assert one(cloud(cloud_event("1", "2", intuitentityid=12, intuitaccountid=34))).qbk_id == "12"


def test_a_cloud_event_without_its_array_is_understood() -> None:
    assert one(json.dumps(cloud_event("1", "2")).encode()).qbk_id == "2"


def test_the_body_of_several_companies_keeps_them_apart() -> None:
    told = parsing.parse(cloud(cloud_event("11", "1"), cloud_event("22", "1")))
    assert [event.realm_id for event in told.events] == ["11", "22"]
    told = parsing.parse(envelope(r11=[change("1")], r22=[change("1")]))
    assert [event.realm_id for event in told.events] == ["11", "22"]
    assert len({event.event_id for event in told.events}) == 2


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2016-10-05T03:09:04Z", datetime(2016, 10, 5, 3, 9, 4, tzinfo=UTC)),
        ("2016-10-05T03:09:04.000Z", datetime(2016, 10, 5, 3, 9, 4, tzinfo=UTC)),
        ("2015-10-05T14:42:19-0700", datetime(2015, 10, 5, 21, 42, 19, tzinfo=UTC)),
        ("2015-10-05T14:42:19", datetime(2015, 10, 5, 14, 42, 19, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_time_is_read_in_every_form_that_was_seen(written: str, meant: datetime | None) -> None:
    assert one(envelope(r1=[change("2", lastUpdated=written)])).changed_at == meant


@pytest.mark.parametrize("name", ["deletedId", "deletedID"])
def test_a_merge_names_the_customer_that_is_gone(name: str) -> None:
    event = one(envelope(r1=[change("5", "Customer", "Merge", **{name: "6"})]))
    assert (event.operation, event.qbk_id, event.merged_id) == ("merge", "5", "6")


@pytest.mark.parametrize("name", ["deletedId", "deletedid"])
def test_a_merge_as_a_cloud_event_names_the_customer_that_is_gone(name: str) -> None:
    assert one(cloud(cloud_event("1", "5", "qbo.customer.merged.v1", data={name: "6"}))).merged_id == "6"


def test_an_event_of_the_older_envelope_is_the_same_event_when_it_comes_again() -> None:
    body = envelope(r1=[change("2"), change("2"), change("2", operation="Delete"), change("2", lastUpdated="2026")])
    again = envelope(r1=[change("2")])
    ids = [event.event_id for event in parsing.parse(body).events]
    assert len(ids) == len(set(ids)) == 3
    assert one(again).event_id == ids[0]


@pytest.mark.parametrize("event_id", ["", "x" * 200, "with space", "\x00", 'quote"é'])
def test_an_event_without_a_usable_id_gets_one_of_its_own(event_id: str) -> None:
    first = one(cloud(cloud_event("1", "2", id=event_id)))
    other = one(cloud(cloud_event("1", "3", id=event_id)))
    assert len(first.event_id) == 64
    assert first.event_id != other.event_id


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"null",
        b"7",
        b"[",
        b"{}garbage",
        b'{"eventNotifications":null}',
        b'{"eventNotifications":7}',
        b"\xff\xfe",
        b'["\xff"]',
        b"[" * 100_000,
        b'[{"data":' + b"[" * 100_000,
    ],
)
def test_a_body_in_no_known_form_is_called_so(body: bytes) -> None:
    try:
        told = parsing.parse(body)
    except parsing.UnreadableBody:
        return
    assert told.events == []
    assert told.unrecognised_count


def test_an_empty_body_of_either_kind_tells_of_nothing() -> None:
    assert parsing.parse(b"[]").events == []
    assert parsing.parse(b'{"eventNotifications":[]}').events == []
    assert parsing.parse(b'{"eventNotifications":[{"realmId":"1"}]}').events == []
