"""Windows of creation times: the invoices of large books in parts that are read beside each other.

QuickBooks takes about a second for a page, so a first import waits for the network more than for anything else. When an
object was created never changes, so each object is in one window, whatever happens to the books meanwhile. The last
window has no end. Pages are fetched beside each other and saved one after another, each in a transaction with the
cursors of all windows: for a lease, a crash and a second worker, this is one import like any other.
"""

import math
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.conf import settings

from quickbooks_app.api.client import QuickBooksClient
from quickbooks_app.api.keyset_pagination import Cursor, FetchedObject, KeysetQuery, Page, new_rows_a_page
from quickbooks_app.api.session import ApiSession
from quickbooks_app.errors import AnswerRefused, TokenExpired

MOST = 10  # at a second a page, somewhat more than the rate limiter lets through; each holds a page in memory
FEWEST_PAGES = 4  # after the first; finding the windows of fewer pages takes as long as reading them


@dataclass(frozen=True)
class Window:
    """The objects from `cursor` on that were created before `until`; without it, all from there on."""

    cursor: Cursor
    until: datetime | None = None

    def fetch(self, query: KeysetQuery, client: QuickBooksClient) -> Page:
        """The next page. Raises QuickBooksError."""
        return replace(query, until=self.until).fetch_page(client, self.cursor)


class WindowedPage(NamedTuple):
    """A page, and what is left to read after it: the run's cursor, empty after the last page."""

    page: Page
    cursor: dict[str, Any]


class _Flight(NamedTuple):
    """A request that a lane makes ahead, and the token that it was made with."""

    lane: Executor
    token: str
    request: Callable[[], Any]
    outcome: Callable[[], Any]


def from_json(cursor: dict[str, Any]) -> list[Window]:
    """The windows of a run's cursor: one, unless the books are read in several."""
    return [
        Window(Cursor.from_json(one), datetime.fromisoformat(one["until"]) if one.get("until") else None)
        for one in cursor.get("windows", [cursor])
    ]


def as_json(windows: Sequence[Window]) -> dict[str, Any]:
    """The cursor of a run that these windows are left of."""
    if not windows:
        return {}
    if len(windows) == 1 and windows[0].until is None:
        return windows[0].cursor.as_json()
    return {
        "windows": [{**one.cursor.as_json(), "until": one.until.isoformat() if one.until else None} for one in windows]
    }


def in_flight(*, attempt: int) -> int:
    """How many pages may be fetched at once. After a failure one, so that it shows which page is at fault."""
    return 1 if attempt else min(MOST, settings.QUICKBOOKS_CALLS_PER_SECOND + 2)


def are_worth_their_calls(*, total: int, read: int) -> bool:
    """Whether so much of `total` objects is left after `read` that windows save more time than finding them takes."""
    return math.ceil((total - read) / new_rows_a_page()) >= FEWEST_PAGES


def read_pages(
    session: ApiSession,
    *,
    query: KeysetQuery,
    windows: Sequence[Window],
    lanes: Sequence[Executor],
    has_page_to_save: bool,
) -> Generator[WindowedPage]:
    """All pages of `windows`. Each of the `lanes`, executors with one thread, begins to fetch at once, and fetches its
    next page while the caller saves one. A single lane leaves the first page to the caller who has none to save.
    Raises QuickBooksError when a page is taken.
    """
    waiting = deque(windows)
    flying = deque[tuple[Window, _Flight]]()

    def start(lane: Executor) -> None:
        if waiting:
            window = waiting.popleft()
            flying.append((window, _start(session, lane, partial(window.fetch, query, session.client))))

    def landed() -> Generator[WindowedPage]:
        left = list(windows)
        while flying:
            window, flight = flying.popleft()
            page: Page = _land(session, flight)
            following = [] if page.is_last else [Window(page.cursor, window.until)]
            place = left.index(window)
            left[place : place + 1] = following
            waiting.extendleft(following)
            start(flight.lane)
            yield WindowedPage(page, as_json(left))

    if len(lanes) == 1 and not has_page_to_save:
        window = waiting.popleft()
        request = partial(window.fetch, query, session.client)
        flying.append((window, _Flight(lanes[0], session.client.token, request, request)))
    else:
        for lane in lanes:
            start(lane)
    return landed()


def divided(
    session: ApiSession, *, query: KeysetQuery, after: Page, total: int, lanes: Sequence[Executor]
) -> list[Window]:
    """What comes `after` the first page of `total` objects, in windows of about the same size.

    One call for each further window finds where it begins. Raises QuickBooksError.
    """
    size = math.ceil((total - len(after.objects)) / new_rows_a_page() / MOST) * new_rows_a_page()
    positions = range(len(after.objects) + size, total, size)
    begins = _created_at(session, query=query, positions=positions, lanes=lanes)
    bounds = sorted({moment for moment in begins if after.cursor.at is not None and moment > after.cursor.at})
    return [
        Window(cursor, until)
        for cursor, until in zip([after.cursor, *map(Cursor, bounds)], [*bounds, None], strict=True)
    ]


def _created_at(
    session: ApiSession, *, query: KeysetQuery, positions: Sequence[int], lanes: Sequence[Executor]
) -> list[datetime]:
    """When the objects at these positions were created, in whole seconds, without those that QuickBooks refuses."""
    brief = replace(query, fields="Id, MetaData.CreateTime")
    flights = [
        _start(session, lanes[number % len(lanes)], partial(brief.fetch_one, session.client, position))
        for number, position in enumerate(positions)
    ]
    found: list[FetchedObject | None] = []
    for flight in flights:
        with suppress(AnswerRefused):
            found.append(_land(session, flight))
    headers = [one.header for one in found if one is not None and one.header is not None]
    created = [header.MetaData.CreateTime for header in headers]
    return [moment.replace(microsecond=0) for moment in created if moment is not None]


def _start(session: ApiSession, lane: Executor, request: Callable[[], Any]) -> _Flight:
    return _Flight(lane, session.client.token, request, lane.submit(request).result)


def _land(session: ApiSession, flight: _Flight) -> Any:
    """The outcome. Pages that were asked for with one token expire together: only the first asks for a new one."""

    def outcome() -> Any:
        try:
            return flight.outcome()
        except TokenExpired:
            if session.client.token == flight.token:
                raise
            return flight.request()

    return session.call(flight.request, prefetched=outcome)
