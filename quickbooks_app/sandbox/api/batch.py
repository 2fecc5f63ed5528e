"""Batches: up to 30 writes and queries in one call, each with an answer or a fault of its own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from flask import Response, g, request

from quickbooks_app.sandbox.api import answers
from quickbooks_app.sandbox.api.bodies import read_body
from quickbooks_app.sandbox.api.delivery import send_once
from quickbooks_app.sandbox.api.gate import blueprint, success_response
from quickbooks_app.sandbox.api.planted_faults import business_fault_of
from quickbooks_app.sandbox.api.write_requests import WriteRequest, included, write_object
from quickbooks_app.sandbox.formats.xml_bodies import BATCH
from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime.documents import Document, encode
from quickbooks_app.sandbox.runtime.entities import ENTITIES
from quickbooks_app.sandbox.runtime.envelopes import closing_time, error_document
from quickbooks_app.sandbox.runtime.errors import (
    BusinessFault,
    GatewayFault,
    application_error,
    invalid_value,
    parameter_missing,
    unsupported_operation,
)
from quickbooks_app.sandbox.runtime.faults import CallClass

_BY_KEY = {entity.key: entity for entity in ENTITIES.values()}

MAX_ITEMS = 30
MAX_OBJECTS = 1000  # that the queries of one batch return together


@dataclass(frozen=True, slots=True)
class _Item:
    """One item of a batch: its bId, and what it holds beside bId, operation and optionsData."""

    id: str
    operation: str
    options: str
    content: dict[str, Any]

    @property
    def includes(self) -> frozenset[str]:
        """The names in optionsData: `void`, or `include=allowduplicatedocnum`."""
        return included(self.options.lower().replace("&", ",").replace("include=", ""))

    @property
    def ending(self) -> bytes:
        return b',"bId":' + encode(self.id) + b"}"


@blueprint.post("/batch")
def batch(realm: str) -> Response:
    """Answer every item in the order asked for. The answer is 200 even if each item failed."""
    items = _items(read_body(root=BATCH))
    done: dict[str, bytes] = {}
    # Items do not see each other's effects: what is read is read before anything is written.
    for item in sorted(items, key=lambda one: not _reads(one)):
        done[item.id] = _answer(realm, item, at=g.at)
    body = b",".join(done[item.id] for item in items)
    return success_response(b'{"BatchItemResponse":[' + body + b"]" + closing_time(g.at))


def _items(payload: Document) -> list[_Item]:
    given = payload.get("BatchItemRequest")
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise parameter_missing("BatchItemRequest")
    if len(given) > MAX_ITEMS:
        raise BusinessFault(
            code="1040",
            message="Max batch items limit exceeded",
            detail=f"The batch holds {len(given)} items. The maximum number of batch items is {MAX_ITEMS}.",
        )
    items = [
        _Item(
            id=str(one.get("bId") or ""),
            operation=str(one.get("operation") or "").lower(),
            options=str(one.get("optionsData") or ""),
            content={key: value for key, value in one.items() if key not in ("bId", "operation", "optionsData")},
        )
        for one in given
    ]
    names = [item.id for item in items]
    if "" in names:
        raise parameter_missing("bId")
    if len(set(names)) < len(names):
        raise invalid_value(element="bId", detail="Each bId of a batch must be unique")
    return items


def _reads(item: _Item) -> bool:
    return any(key in item.content for key in ("Query", "CDCQuery", "ReportQuery"))


def _answer(realm: str, item: _Item, *, at: datetime) -> bytes:
    try:
        _meet_faults("queries" if _reads(item) else "writes")
        return _write(realm, item, at=at) if not _reads(item) else _read(realm, item, at=at)
    except BusinessFault as fault:
        return encode({"Fault": error_document(fault)})[:-1] + item.ending
    except GatewayFault:
        return encode({"Fault": error_document(application_error())})[:-1] + item.ending


def _meet_faults(call: CallClass) -> None:
    fault = business_fault_of([one.kind for one in sandbox().faults.take_for_call(call, is_item=True)])
    if fault is not None:
        raise fault


def _read(realm: str, item: _Item, *, at: datetime) -> bytes:
    """Run a query, or one for changes or a report, as the call of its own would."""
    content = item.content
    if "Query" in content:
        room = MAX_OBJECTS - g.setdefault("batch_objects", 0)
        fragment, number = answers.query(realm, str(content["Query"]), at=at, room=room)
        g.batch_objects += number
        return fragment + item.ending
    if "CDCQuery" in content:
        asked = content["CDCQuery"] if isinstance(content["CDCQuery"], dict) else {}
        given = {"entities": asked.get("Entities", ""), "changedSince": asked.get("ChangedSince", "")}
        return answers.changes(realm, given, at=at) + item.ending
    name, given = _report_asked(content["ReportQuery"])
    return encode({"Report": answers.report_document(realm, name, given, at=at)})[:-1] + item.ending


def _report_asked(asked: object) -> tuple[str, dict[str, str]]:
    """Return the name and the parameters of a report: of an object, or of a text such as `BalanceSheet?end_date=…`."""
    if isinstance(asked, dict):
        return str(asked.get("ReportName", asked.get("Name", ""))), {key: str(value) for key, value in asked.items()}
    name, _, parameters = str(asked).strip().removeprefix("reports/").partition("?")
    return name, dict(parse_qsl(parameters))


def _write(realm: str, item: _Item, *, at: datetime) -> bytes:
    found = [(_BY_KEY[key], value) for key, value in item.content.items() if key in _BY_KEY]
    if len(found) != 1 or not isinstance(found[0][1], dict):
        raise unsupported_operation(f"{request.path}: {', '.join(item.content) or 'an item without an object'}")
    entity, payload = found[0]
    # Not the header Request-Id: a client sends a new one with every call.
    given = request.args.get("requestid", "")
    request_id = f"{given}{item.id}" if given else ""
    if item.operation == "send" and entity.can("E"):
        send_to = parse_qs(item.options).get("sendTo", [""])[0]
        id = str(payload.get("Id", ""))
        return send_once(realm, entity, id=id, send_to=send_to, request_id=request_id, ending=item.ending)
    asked = WriteRequest(
        entity=entity,
        payload=payload,
        operation=item.operation,
        includes=item.includes,
        request_id=request_id,
        path=f"{request.path}: {item.operation} {entity.name}",
    )
    return write_object(sandbox(), realm=realm, asked=asked, at=at, ending=item.ending)
