"""Batches: up to thirty writes, queries and questions for changes in one call, each with its own result."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw

from quickbooks_app.api import error_responses
from quickbooks_app.api.cdc_response import CdcResponse, parse_cdc_response
from quickbooks_app.api.query_response import QueryResponse, UnreadableResponse, parse_query_response
from quickbooks_app.api.writes import bodies
from quickbooks_app.errors import ForbiddenWrite, QuickBooksError, Transient
from quickbooks_app.objects.table import OBJECTS, Operation

MAX_ITEMS = 30
# Forty batches a minute: as many turns of the rate limiter as keep to it at eight calls a second.
TURNS = 12
READS = frozenset({Operation.QUERY, Operation.CHANGES})
OPERATIONS = frozenset({Operation.CREATE, Operation.UPDATE, Operation.DELETE, Operation.VOID, Operation.QUERY})


class BatchItem(NamedTuple):
    """One item. `key` names it for ever, as the key of a single write does; `statement` is of a query.

    `fields` need Id and SyncToken, except those of a create. A question for changes has `entities` and `since` in place
    of an entity.
    """

    key: str
    operation: Operation
    entity: str = ""
    fields: Mapping[str, Any] = {}
    statement: str = ""
    entities: tuple[str, ...] = ()
    since: datetime | None = None


class BatchResult(NamedTuple):
    """What became of one item: its object as bytes, its page, its changes, or its error. One of them is set.

    Changes may be truncated, as those of a call of their own: see `is_complete`.
    """

    item: BatchItem
    raw: bytes | None = None
    page: QueryResponse | None = None
    changes: CdcResponse | None = None
    error: QuickBooksError | None = None


class _Response(msgspec.Struct):
    BatchItemResponse: list[dict[str, Raw]]


def body_of(items: Sequence[BatchItem]) -> bytes:
    """The body of a batch. Raises ForbiddenWrite for what must not stand in one."""
    if not 0 < len(items) <= MAX_ITEMS:
        raise ValueError(f"A batch holds 1 to {MAX_ITEMS} items, not {len(items)}.")
    if len({item.key for item in items}) < len(items):
        raise ValueError("Two items of a batch have the same key.")
    return bodies.encode({"BatchItemRequest": [_request(item) for item in items]})


def results_of(body: bytes, *, items: Sequence[BatchItem], intuit_tid: str = "") -> list[BatchResult]:
    """The result of each item, in the order of `items`. Raises Transient if the answer is not one."""
    try:
        answers = msgspec.json.decode(body, type=_Response).BatchItemResponse
        by_id = {msgspec.json.decode(answer["bId"], type=str): answer for answer in answers}
    except (msgspec.DecodeError, KeyError) as error:
        raise Transient("QuickBooks' response cannot be read.", code="unreadable") from error
    return [_result(item, by_id.get(bodies.item_id(item.key)), intuit_tid=intuit_tid) for item in items]


def _request(item: BatchItem) -> bodies.Payload:
    head: bodies.Payload = {"bId": bodies.item_id(item.key)}
    if item.operation == Operation.QUERY:
        return {**head, "Query": item.statement}
    if item.operation == Operation.CHANGES:
        if item.since is None or not item.entities:
            raise ValueError("A question for changes names entities and a time.")
        since = item.since.astimezone(UTC).isoformat(timespec="seconds")
        return {**head, "CDCQuery": {"Entities": ",".join(item.entities), "ChangedSince": since}}
    if item.operation not in OPERATIONS:
        raise ForbiddenWrite(f"A batch of QuickBooks cannot {item.operation} objects.")
    if item.entity in bodies.LINKING and "Line" in item.fields and item.operation == Operation.UPDATE:
        raise ForbiddenWrite(f"The lines of a {item.entity} are merged with those that it has, one by one.")
    sent, parameters = _body(item)
    options = {"optionsData": parameters["include"]} if "include" in parameters else {}
    operation = parameters.get("operation", item.operation.value)
    return {**head, "operation": operation, **options, OBJECTS[item.entity].json_key: sent}


def _body(item: BatchItem) -> tuple[Mapping[str, Any], dict[str, str]]:
    if item.operation == Operation.CREATE:
        return item.fields, {}
    qbk_id, sync_token = str(item.fields["Id"]), str(item.fields["SyncToken"])
    if item.operation == Operation.VOID:
        return bodies.void_body(entity=item.entity, qbk_id=qbk_id, sync_token=sync_token)
    if item.operation == Operation.DELETE:
        return {"Id": qbk_id, "SyncToken": sync_token}, {}
    return bodies.update_body(entity=item.entity, qbk_id=qbk_id, sync_token=sync_token, fields=item.fields)


def _result(item: BatchItem, answer: Mapping[str, Raw] | None, *, intuit_tid: str) -> BatchResult:
    if answer is None:
        return BatchResult(item, error=Transient("QuickBooks' response lacks this item.", code="incomplete"))
    if "Fault" in answer:
        fault = msgspec.json.encode({"Fault": answer["Fault"]})
        return BatchResult(item, error=error_responses.error_of_item(fault, intuit_tid=intuit_tid))
    try:
        if item.operation == Operation.QUERY:
            page = parse_query_response(msgspec.json.encode(answer), entity=OBJECTS[item.entity].json_key)
            return BatchResult(item, page=page)
        if item.operation == Operation.CHANGES:
            changes = parse_cdc_response(msgspec.json.encode(answer), entities=item.entities)
            return BatchResult(item, changes=changes)
    except UnreadableResponse:
        return BatchResult(item, error=Transient("QuickBooks' response cannot be read.", code="unreadable"))
    raw = answer.get(OBJECTS[item.entity].json_key)
    if raw is None:
        return BatchResult(item, error=Transient("QuickBooks' response lacks this item.", code="incomplete"))
    return BatchResult(item, raw=bytes(raw))
