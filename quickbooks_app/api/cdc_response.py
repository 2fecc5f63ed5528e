"""Parsing of change data capture (CDC) responses: changed objects and deletions by entity."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from quickbooks_app.api import field_parsing
from quickbooks_app.api.query_response import UnreadableResponse, has_other_content, needs_repair, repaired_json
from quickbooks_app.api.schemas import EMPTY, Timestamp
from quickbooks_app.objects.table import OBJECTS

# QuickBooks truncates longer responses without saying so, and has no second page (docs/domain/quickbooks.md).
MAX_OBJECTS = 1000


class CdcResponse(NamedTuple):
    """The bytes of each changed object, and the time of each deletion by id; both by entity."""

    objects: Mapping[str, Sequence[bytes]]
    deleted: Mapping[str, Mapping[str, datetime | None]]
    time: datetime | None
    has_fault: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether every slot holds what was asked for, and QuickBooks cannot have truncated the response."""
        return not self.has_fault and self._size < MAX_OBJECTS

    @property
    def _size(self) -> int:
        return sum(map(len, self.objects.values())) + sum(map(len, self.deleted.values()))


class _QueryResponses(Struct):
    QueryResponse: list[dict[str, Raw]]
    Fault: Raw = EMPTY


class _Envelope(Struct):
    CDCResponse: Annotated[list[_QueryResponses], msgspec.Meta(min_length=1)]
    time: Raw = EMPTY
    Fault: Raw = EMPTY


class _DeletedObject(Struct):
    """What QuickBooks returns for a deleted object: an id and a status."""

    Id: str
    status: str
    MetaData: dict[str, Any] = {}


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_OBJECTS = msgspec.json.Decoder(list[Raw])
_DELETED_OBJECT = msgspec.json.Decoder(_DeletedObject)
_TIMESTAMP = msgspec.json.Decoder(Timestamp)


def parse_cdc_response(body: bytes, *, entities: Sequence[str]) -> CdcResponse:
    """Parse a response about `entities`. An entity that it lacks has not changed. Raises UnreadableResponse."""
    try:
        return _parse(repaired_json(body) if needs_repair(body) else body, entities=entities)
    except msgspec.ValidationError as error:
        raise UnreadableResponse("the response does not have the form of a CDC response") from error
    except msgspec.DecodeError:
        try:
            return _parse(repaired_json(body), entities=entities)
        except msgspec.DecodeError as error:
            raise UnreadableResponse("the response does not have the form of a CDC response") from error
    except RecursionError as error:
        raise UnreadableResponse("the response is nested too deeply") from error


def _parse(body: bytes, *, entities: Sequence[str]) -> CdcResponse:
    envelope = _ENVELOPE.decode(body)
    requested = {name.lower(): entity for entity in entities for name in (entity, OBJECTS[entity].json_key)}
    objects: dict[str, list[bytes]] = {entity: [] for entity in entities}
    deleted: dict[str, dict[str, datetime | None]] = {entity: {} for entity in entities}
    has_fault = has_other_content({"Fault": envelope.Fault}, entities=list(requested))
    for response in envelope.CDCResponse:
        has_fault |= has_other_content({"Fault": response.Fault}, entities=list(requested))
        for rows_by_name in response.QueryResponse:
            has_fault |= has_other_content(rows_by_name, entities=list(requested))
            for name, rows in rows_by_name.items():
                if (entity := requested.get(name.lower())) is None:
                    continue
                for raw in map(bytes, _OBJECTS.decode(rows)):
                    deleted_object = _deleted_object(raw)
                    if deleted_object is None:
                        objects[entity].append(raw)
                    else:
                        deleted[entity][deleted_object.Id] = _deletion_time(deleted_object)
    return CdcResponse(objects=objects, deleted=deleted, time=_response_time(envelope.time), has_fault=has_fault)


def _deleted_object(raw: bytes) -> _DeletedObject | None:
    """The deleted object, None if the object still exists."""
    if b"eleted" not in raw and b"DELETED" not in raw:
        return None
    try:
        found = _DELETED_OBJECT.decode(raw)
    except msgspec.ValidationError:
        return None
    return found if found.status.lower() == "deleted" and found.Id.strip() else None


def _response_time(raw: Raw) -> datetime | None:
    """QuickBooks' clock. A response without it is still valid."""
    try:
        return _TIMESTAMP.decode(raw)
    except msgspec.DecodeError:
        return None


def _deletion_time(deleted_object: _DeletedObject) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(deleted_object.MetaData.get("LastUpdatedTime")))
    except ValueError:
        return None
    return field_parsing.valid_timestamp(moment, field="LastUpdatedTime", issues=[]) if moment.tzinfo else None
