"""The stub's change data capture response: changed objects of every kind, and stubs of deleted ones."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

LARGEST = 1000


class Table(Protocol):
    def find(self, statement: str) -> list[bytes]: ...


def answer(*, tables: Mapping[str, Table], gone: Mapping[int, datetime], entities: Sequence[str], since: str) -> bytes:
    """The change data capture response for `entities`; `gone` are the deleted invoices with their times."""
    room, slots, moment = LARGEST, [], datetime.fromisoformat(since)
    for entity in entities:
        rows = tables[entity].find(f"WHERE MetaData.LastUpdatedTime >= '{since}'")
        if entity == "Invoice":
            rows = [*rows, *(_stub(number, at) for number, at in gone.items() if at >= moment)]
        rows = rows[:room]
        room -= len(rows)
        slots.append(b'{"%s":[%s],"startPosition":1}' % (entity.encode(), b",".join(rows)) if rows else b"{}")
    now = datetime.now(UTC).isoformat(timespec="milliseconds").encode()
    return b'{"CDCResponse":[{"QueryResponse":[%s]}],"time":"%s"}' % (b",".join(slots), now)


def _stub(number: int, at: datetime) -> bytes:
    left = {"domain": "QBO", "status": "Deleted", "Id": str(number), "MetaData": {"LastUpdatedTime": at.isoformat()}}
    return json.dumps(left).encode()
