"""All objects of one kind by keyset: always from the last time seen on, so that nothing moves past the reader.

QuickBooks' times have whole seconds and its pages at most 1,000 objects. The row at the border is read again and
dropped by its id. Never by position over a moving order: an edit during the scan would make a row slip through
(quickbooks-online.md, 8.2). Only where more than a page shares one second is that second paged by position, each
page beginning with the last row of the one before: another row there means that rows have moved away before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

import msgspec

from quickbooks_app.api import field_parsing
from quickbooks_app.api.client import PAGE_SIZE, QuickBooksClient
from quickbooks_app.api.schemas import Head
from quickbooks_app.errors import TooLarge, Transient

NAME_LISTS = {"Customer"}  # their queries leave out the inactive unless told


class Fetched(NamedTuple):
    """One object: its head, None where that cannot be read, and its bytes."""

    head: Head | None
    raw: bytes


@dataclass(frozen=True)
class Cursor:
    """Where to go on: at this time, from this position in it, without the ids already taken there."""

    at: datetime | None = None
    start: int = 1
    ids: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        at = value.get("at")
        return cls(
            at=datetime.fromisoformat(at) if at else None,
            start=value.get("start", 1),
            ids=frozenset(value.get("ids", ())),
        )

    def as_json(self) -> dict[str, Any]:
        return {"at": self.at.isoformat() if self.at else None, "start": self.start, "ids": sorted(self.ids)}


class Pulled(NamedTuple):
    """A page without what was taken before, the cursor behind it, QuickBooks' clock, whether it was the last, and
    how many objects there are in all, where QuickBooks says so."""

    objects: Sequence[Fetched]
    cursor: Cursor
    time: datetime | None
    is_last: bool
    total: int | None = None


@dataclass(frozen=True)
class KeysetQuery:
    """What to pull: every `entity` by the time it was made, or by the time it changed from `since` on."""

    entity: str
    since: datetime | None = None
    fields: str = "*"

    @property
    def order(self) -> str:
        return "MetaData.LastUpdatedTime" if self.since else "MetaData.CreateTime"

    def first(self) -> Cursor:
        return Cursor(at=self.since)

    def where(self, lower: datetime | None) -> str:
        """The WHERE clause from `lower` on, empty where there is nothing to leave out."""
        conditions = ["Active IN (true, false)"] if self.entity in NAME_LISTS else []
        if lower is not None:
            conditions.append(f"{self.order} >= '{_written(lower)}'")
        return f"WHERE {' AND '.join(conditions)}" if conditions else ""

    def page(self, client: QuickBooksClient, cursor: Cursor) -> Pulled:
        """The page at `cursor`, in parts where it is too large as a whole. Raises QuickBooksError."""
        start, size = cursor.start, PAGE_SIZE
        while True:
            try:
                page = client.query(entity=self.entity, statement=self._statement(cursor.at, start=start, size=size))
            except TooLarge:
                size //= 4
                if size < 2:  # one row is the border's: a page of one would never get on
                    raise
                continue
            rows = [fetched(raw) for raw in page.objects]
            if start > 1 and not (rows and (rows[0].head is None or self._is_known(rows[0], cursor))):
                start = max(1, start - size + 1)
                continue
            new = [item for item in rows if not self._is_known(item, cursor)]
            is_last = len(rows) < size
            if new or is_last:
                break
            if start > len(cursor.ids):
                raise Transient("QuickBooks gives the same page again and again.", code="same_page")
            start += size - 1
        behind = cursor if is_last else self._behind(rows, cursor, start=start)
        return Pulled(new, behind, page.time, is_last, page.total)

    def _statement(self, lower: datetime | None, *, start: int, size: int) -> str:
        return " ".join(
            f"SELECT {self.fields} FROM {self.entity} {self.where(lower)} ORDERBY {self.order} ASC "  # noqa: S608
            f"STARTPOSITION {start} MAXRESULTS {size}".split()
        )

    def _behind(self, rows: Sequence[Fetched], cursor: Cursor, *, start: int) -> Cursor:
        times = [self._time(item) for item in rows]
        known = [moment for moment in times if moment is not None]
        last = known[-1] if known else cursor.at
        if cursor.at is not None and last is not None and last < cursor.at:
            raise Transient("QuickBooks' page is not in the order that was asked for.", code="order")
        border = frozenset(
            item.head.Id
            for item, moment in zip(rows, times, strict=True)
            if item.head and (moment is None or moment == last)
        )
        if last == cursor.at:
            return Cursor(at=last, start=start + len(rows) - 1, ids=cursor.ids | border)
        return Cursor(at=last, start=1, ids=border)

    def _is_known(self, item: Fetched, cursor: Cursor) -> bool:
        """Whether the row was taken before; one that has changed since has another time."""
        return item.head is not None and item.head.Id in cursor.ids and self._time(item) in (None, cursor.at)

    def _time(self, item: Fetched) -> datetime | None:
        if item.head is None:
            return None
        stamps = item.head.MetaData
        return stamps.LastUpdatedTime if self.since else stamps.CreateTime


def fetched(raw: bytes) -> Fetched:
    """One object with its head, where that can be read."""
    return Fetched(_head(raw), raw)


def _head(raw: bytes) -> Head | None:
    try:
        head = msgspec.json.decode(raw, type=Head)
    except msgspec.DecodeError:
        try:
            head = field_parsing.decode(raw, Head, issues=[])
        except msgspec.DecodeError:
            return None
    # A time at the edge of the calendar could neither be asked for nor be read from the database again.
    stamps = head.MetaData
    stamps.CreateTime = field_parsing.plausible(stamps.CreateTime, field="MetaData.CreateTime", issues=[])
    stamps.LastUpdatedTime = field_parsing.plausible(
        stamps.LastUpdatedTime, field="MetaData.LastUpdatedTime", issues=[]
    )
    return head if head.Id.strip() else None


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
