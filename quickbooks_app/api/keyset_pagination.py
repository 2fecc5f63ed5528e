"""Keyset pagination of query results: each page starts at the last timestamp of the page before it.

QuickBooks' timestamps have whole seconds, and its pages have at most 1,000 objects. The last row of a page is read
again with the next page and dropped by its id. Paging by position alone would lose rows: an edit during the scan
changes the order (see docs/domain/quickbooks.md).

Only if more than one page shares the same second is that second paged by position. Each of these pages starts with the
last row of the page before it. A different first row shows that rows have moved, so the scan steps back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

import msgspec
from django.utils.translation import gettext_noop

from quickbooks_app.api import field_parsing
from quickbooks_app.api.client import QuickBooksClient
from quickbooks_app.api.query_response import QueryResponse
from quickbooks_app.api.reads import PAGE_SIZE
from quickbooks_app.api.refused_objects import NarrowedResponse, Unnamed, name_refused, read_around_refused
from quickbooks_app.api.schemas import ObjectHeader
from quickbooks_app.errors import AnswerRefused, ObjectSuspected, ResponseTooLarge, Transient
from quickbooks_app.objects.table import OBJECTS

# Queries of name lists, as Intuit calls them, omit inactive objects unless asked for.
NAME_LISTS = frozenset(name for name, found in OBJECTS.items() if found.has_active)


class FetchedObject(NamedTuple):
    """The bytes of one object with its header, None if the header cannot be read."""

    header: ObjectHeader | None
    raw: bytes

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        return cls(_parse_header(raw), raw)


@dataclass(frozen=True)
class Cursor:
    """Where the next page starts: at this timestamp, at this position within it, without the ids already read there."""

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


class Page(NamedTuple):
    """The unread objects of one page, the cursor of the next page, QuickBooks' clock and, if given, the total count.

    `refused_ids` are the objects that QuickBooks does not give out, and `unnamed` the gaps with those whose id was not
    found.
    """

    objects: Sequence[FetchedObject]
    cursor: Cursor
    time: datetime | None
    is_last: bool
    total: int | None = None
    refused_ids: frozenset[str] = frozenset()
    unnamed: tuple[Unnamed, ...] = ()


@dataclass(frozen=True)
class KeysetQuery:
    """All objects of `entity` in order of creation, or those changed since `since` in order of change.

    `until` leaves out what was created then or later.
    """

    entity: str
    since: datetime | None = None
    fields: str = "*"
    until: datetime | None = None

    @property
    def order(self) -> str:
        return "MetaData.LastUpdatedTime" if self.since else "MetaData.CreateTime"

    def first_cursor(self) -> Cursor:
        return Cursor(at=self.since)

    def where_clause(self, lower: datetime | None, *others: str) -> str:
        """The WHERE clause for objects from `lower` on; empty if there is no condition."""
        conditions = [*others, *(["Active IN (true, false)"] if self.entity in NAME_LISTS else [])]
        if lower is not None:
            conditions.append(f"{self.order} >= '{_format_timestamp(lower)}'")
        if self.until is not None:
            conditions.append(f"{self.order} < '{_format_timestamp(self.until)}'")
        return f"WHERE {' AND '.join(conditions)}" if conditions else ""

    def fetch_page(self, client: QuickBooksClient, cursor: Cursor) -> Page:
        """The page at `cursor`. Raises QuickBooksError."""
        start, size = cursor.start, PAGE_SIZE
        while True:
            response, size = self._query(client, cursor.at, start=start, size=size)
            found = [None if raw is None else FetchedObject.from_bytes(raw) for raw in response.objects]
            rows = [row for row in found if row is not None]
            if start > 1 and found[:1] != [None] and not self._starts_with_read_row(rows, cursor):
                start = max(1, start - (size - 1))  # rows have moved: step back
                continue
            unread = [row for row in rows if not self._was_read(row, cursor)]
            is_last = len(found) < size
            if unread or is_last:
                next_cursor = cursor if is_last else self._next_cursor(rows, cursor, start=start)
                refused_ids, unnamed = self._name_refused(client, found, cursor=cursor, start=start, is_last=is_last)
                return Page(unread, next_cursor, response.time, is_last, response.total, refused_ids, unnamed)
            if start > len(cursor.ids):
                raise Transient(gettext_noop("QuickBooks returns the same page repeatedly."), code="same_page")
            start += size - 1  # every row was read before: step forward to the last of them

    def fetch_one(self, client: QuickBooksClient, position: int) -> FetchedObject | None:
        """The object at `position` of the whole order, None after its end. Raises QuickBooksError."""
        found = client.query(entity=self.entity, statement=self._statement(None, start=position, size=1)).objects
        return FetchedObject.from_bytes(found[0]) if found else None

    def _query(
        self, client: QuickBooksClient, lower: datetime | None, *, start: int, size: int
    ) -> tuple[NarrowedResponse, int]:
        """The response and its page size, which is smaller than `size` if the response was too large."""

        def read(position: int, number: int) -> QueryResponse:
            return client.query(entity=self.entity, statement=self._statement(lower, start=position, size=number))

        while True:
            try:
                response = read(start, size)
                return NarrowedResponse(list(response.objects), response.time, response.total), size
            except AnswerRefused as error:
                total = client.count(entity=self.entity, where=self.where_clause(lower))
                existing = max(1, min(size, total - start + 1))
                narrowed = read_around_refused(read, start=start, size=existing, error=error)
                if isinstance(error, ObjectSuspected) and not any(narrowed.objects):
                    client.count(entity=self.entity)  # raises in an outage: a count holds no object
                return narrowed, size
            except ResponseTooLarge:
                size //= 4
                if size < 2:  # one row repeats the page before: a page of one row would make no progress
                    raise

    def _name_refused(
        self,
        client: QuickBooksClient,
        found: Sequence[FetchedObject | None],
        *,
        cursor: Cursor,
        start: int,
        is_last: bool,
    ) -> tuple[frozenset[str], tuple[Unnamed, ...]]:
        """The ids of the refused objects, and the gaps with those that cannot be named. In order of change, ids say
        nothing: the reconciliation that follows names the objects. Those at the end come again on the next page.

        Nothing on the page is older than its cursor, so no object of an earlier page is counted for one at its start.
        """
        if self.since or None not in found:
            return frozenset(), ()

        def count(ids: Sequence[str]) -> int:
            id_list = ", ".join(f"'{qbk_id}'" for qbk_id in ids)
            return client.count(entity=self.entity, where=self.where_clause(cursor.at, f"Id IN ({id_list})"))

        ids = [None if row is None else row.header.Id if row.header else "" for row in found]
        while not is_last and ids and ids[-1] is None:
            ids.pop()
        created = [None if row is None else self._time(row) for row in found[: len(ids)]]
        # Pages within one second do not hold the rows of that second that were read before them.
        return name_refused(ids, count=count, created=created, read=cursor.ids if start > 1 else frozenset())

    def _statement(self, lower: datetime | None, *, start: int, size: int) -> str:
        return " ".join(
            f"SELECT {self.fields} FROM {self.entity} {self.where_clause(lower)} ORDERBY {self.order} ASC "  # noqa: S608
            f"STARTPOSITION {start} MAXRESULTS {size}".split()
        )

    def _next_cursor(self, rows: Sequence[FetchedObject], cursor: Cursor, *, start: int) -> Cursor:
        times = [self._time(row) for row in rows]
        last_time = next((moment for moment in reversed(times) if moment is not None), cursor.at)
        if cursor.at is not None and last_time is not None and last_time < cursor.at:
            raise Transient(gettext_noop("QuickBooks returned a page in the wrong order."), code="order")
        ids_at_last_time = frozenset(
            row.header.Id
            for row, moment in zip(rows, times, strict=True)
            if row.header and (moment is None or moment == last_time)
        )
        if last_time == cursor.at:
            return Cursor(at=last_time, start=start + len(rows) - 1, ids=cursor.ids | ids_at_last_time)
        return Cursor(at=last_time, start=1, ids=ids_at_last_time)

    def _starts_with_read_row(self, rows: Sequence[FetchedObject], cursor: Cursor) -> bool:
        return bool(rows) and (rows[0].header is None or self._was_read(rows[0], cursor))

    def _was_read(self, row: FetchedObject, cursor: Cursor) -> bool:
        """Whether an earlier page contained the row. A row that has changed since then has another timestamp."""
        return row.header is not None and row.header.Id in cursor.ids and self._time(row) in (None, cursor.at)

    def _time(self, row: FetchedObject) -> datetime | None:
        if row.header is None:
            return None
        metadata = row.header.MetaData
        return metadata.LastUpdatedTime if self.since else metadata.CreateTime


def new_rows_a_page() -> int:
    """The unread objects of a full page: after the first, each page repeats the last object of the page before."""
    return PAGE_SIZE - 1


def _parse_header(raw: bytes) -> ObjectHeader | None:
    try:
        header = msgspec.json.decode(raw, type=ObjectHeader)
    except msgspec.DecodeError:
        try:
            header = field_parsing.decode(raw, ObjectHeader, issues=[])
        except msgspec.DecodeError:
            return None
    # A timestamp at the limits of the calendar works neither in a query nor in the database.
    metadata = header.MetaData
    metadata.CreateTime = field_parsing.valid_timestamp(metadata.CreateTime, field="MetaData.CreateTime", issues=[])
    metadata.LastUpdatedTime = field_parsing.valid_timestamp(
        metadata.LastUpdatedTime, field="MetaData.LastUpdatedTime", issues=[]
    )
    return header if header.Id.strip() else None


def _format_timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
