"""An answer of change data capture taken apart: what changed, and the stubs of what is gone, by entity."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from quickbooks_app.api import field_parsing
from quickbooks_app.api.query_response import PageUnreadable, mended, needs_mending
from quickbooks_app.api.schemas import EMPTY, Moment

# QuickBooks cuts its answer here, without a word, and has no second page for the rest (section 2.6).
LARGEST = 1000


class ChangeSet(NamedTuple):
    """The bytes of each object that changed, and by its id when each gone one went; both by entity."""

    objects: Mapping[str, Sequence[bytes]]
    gone: Mapping[str, Mapping[str, datetime | None]]
    time: datetime | None

    @property
    def is_whole(self) -> bool:
        """Whether nothing can have been cut off."""
        return sum(map(len, self.objects.values())) + sum(map(len, self.gone.values())) < LARGEST


class _Response(Struct):
    QueryResponse: list[dict[str, Raw]]


class _Answer(Struct):
    CDCResponse: Annotated[list[_Response], msgspec.Meta(min_length=1)]
    time: Raw = EMPTY


class _Stub(Struct):
    """What is left of a deleted object: an id, and a word."""

    Id: str
    status: str
    MetaData: dict[str, Any] = {}


_ANSWER = msgspec.json.Decoder(_Answer)
_OBJECTS = msgspec.json.Decoder(list[Raw])
_STUB = msgspec.json.Decoder(_Stub)
_CLOCK = msgspec.json.Decoder(Moment)


def read_change_set(body: bytes, *, entities: Sequence[str]) -> ChangeSet:
    """Take an answer about `entities` apart. Raises PageUnreadable; no slot for an entity means no change of it."""
    try:
        return _take_apart(mended(body) if needs_mending(body) else body, entities=entities)
    except msgspec.ValidationError as error:
        raise PageUnreadable("the answer has not the form of an answer about changes") from error
    except msgspec.DecodeError:
        try:
            return _take_apart(mended(body), entities=entities)
        except msgspec.DecodeError as error:
            raise PageUnreadable("the answer has not the form of an answer about changes") from error
    except RecursionError as error:
        raise PageUnreadable("the answer is nested too deeply") from error


def _take_apart(body: bytes, *, entities: Sequence[str]) -> ChangeSet:
    answer = _ANSWER.decode(body)
    asked = {entity.lower(): entity for entity in entities}
    objects: dict[str, list[bytes]] = {entity: [] for entity in entities}
    gone: dict[str, dict[str, datetime | None]] = {entity: {} for entity in entities}
    for response in answer.CDCResponse:
        for slot in response.QueryResponse:
            for name, rows in slot.items():
                if (entity := asked.get(name.lower())) is None:
                    continue
                for raw in _OBJECTS.decode(rows):
                    written = bytes(raw)
                    stub = _stub(written)
                    if stub is None:
                        objects[entity].append(written)
                    else:
                        gone[entity][stub.Id] = _moment(stub)
    return ChangeSet(objects=objects, gone=gone, time=_clock(answer.time))


def _stub(raw: bytes) -> _Stub | None:
    """The object as a stub, if that is what it is."""
    if b"eleted" not in raw and b"DELETED" not in raw:
        return None
    try:
        stub = _STUB.decode(raw)
    except msgspec.ValidationError:
        return None
    return stub if stub.status.lower() == "deleted" and stub.Id.strip() else None


def _clock(raw: Raw) -> datetime | None:
    """QuickBooks' clock; an answer without one is an answer all the same."""
    try:
        return _CLOCK.decode(raw)
    except msgspec.DecodeError:
        return None


def _moment(stub: _Stub) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(stub.MetaData.get("LastUpdatedTime")))
    except ValueError:
        return None
    return field_parsing.plausible(moment, field="LastUpdatedTime", issues=[]) if moment.tzinfo else None
