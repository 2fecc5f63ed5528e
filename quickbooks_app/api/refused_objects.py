"""Objects that QuickBooks refuses to give out: narrows an answer down to them, and finds their ids by counting.

One invoice with an invalid email address makes QuickBooks refuse every answer that would hold it. Halving finds it in
about twice log2 of the page size calls, and all other objects come meanwhile (see docs/adr/0022).
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import NamedTuple, TypeVar

from quickbooks_app.api.query_response import QueryResponse
from quickbooks_app.errors import AnswerRefused, ObjectSuspected

MAX_REFUSED = 10  # in one answer; more are not the fault of single objects
MAX_SUSPECTED = 3  # internal errors in a row without one good answer; more are an outage
MAX_COUNTED = 100  # ids in one count
MAX_CANDIDATES = 2000  # ids in all that are counted to find the objects of one gap


Result = TypeVar("Result")


class NarrowedResponse(NamedTuple):
    """The objects of a page in order, None for each that QuickBooks refuses, its clock and the total count."""

    objects: list[bytes | None]
    time: datetime | None
    total: int | None


def read_around_refused(
    read: Callable[[int, int], QueryResponse], *, start: int, size: int, error: AnswerRefused
) -> NarrowedResponse:
    """The page of `size` objects from position `start` on, which QuickBooks has just refused with `error`.

    Reads from the end to the start: an object that changes meanwhile moves the rows behind it forward, so that a row
    may be read twice, but none is lost. Raises `error` if too many objects are refused. Where it is an internal error
    and no object came, the caller must see whether QuickBooks still answers at all.
    """
    objects: list[bytes | None] = []
    times: list[datetime | None] = []
    waiting = _halves(start, size) if size > 1 else [(start, size)]
    while waiting:
        position, number = waiting.pop()
        try:
            response = read(position, number) if number > 1 else read_twice(partial(read, position, 1))
        except AnswerRefused:
            if number > 1:
                waiting += _halves(position, number)
                continue
            objects.insert(0, None)
            if objects.count(None) > (MAX_REFUSED if times else max_without_answer(error)):
                raise error from None
        else:
            objects[:0] = response.objects
            times.append(response.time)
    # The earliest clock: what changes after it is read by the next run.
    return NarrowedResponse(objects, min((time for time in times if time), default=None), None)


def read_twice(read: Callable[[], Result]) -> Result:
    """The answer about a single object. An internal error counts only if it comes twice."""
    try:
        return read()
    except ObjectSuspected:
        return read()


def max_without_answer(error: AnswerRefused) -> int:
    """How many single objects may be refused while QuickBooks has given out none."""
    return MAX_SUSPECTED if isinstance(error, ObjectSuspected) else MAX_REFUSED


def _halves(position: int, number: int) -> list[tuple[int, int]]:
    half = number // 2
    return [(position, half), (position + half, number - half)]


class Unnamed(NamedTuple):
    """A gap with refused objects whose ids could not be found: the id before it, and when its neighbours were created.

    The id is empty at the start, and a moment None at either end."""

    after: str
    created_from: datetime | None = None
    created_until: datetime | None = None


def name_refused(
    ids: Sequence[str | None],
    *,
    count: Callable[[Sequence[str]], int],
    created: Sequence[datetime | None] = (),
    read: Collection[str] = (),
) -> tuple[frozenset[str], tuple[Unnamed, ...]]:
    """The ids of the refused objects, which are None in `ids`, in order of creation.

    QuickBooks numbers objects in order, and a count holds no object: the ids between the neighbours are counted. The
    second value holds each gap whose objects could not be found. `created` are the moments of creation beside `ids`,
    and `read` the ids of other objects that QuickBooks has given out.
    """
    known = {*read, *(qbk_id for qbk_id in ids if qbk_id)}
    named: set[str] = set()
    unnamed: list[Unnamed] = []
    position = 0
    for is_refused, group in groupby(ids, key=lambda qbk_id: qbk_id is None):
        number = len(list(group))
        if is_refused:
            before = ids[position - 1] or "" if position else ""
            after = ids[position + number] or "" if position + number < len(ids) else ""
            candidates = [one for one in _between(before, after) if one not in known]
            found = _search(candidates, count=count, number=number)
            named.update(found)
            if len(found) < number:
                end = position + number
                created_from = created[position - 1] if position and created else None
                unnamed.append(Unnamed(before, created_from, created[end] if end < len(created) else None))
        position += number
    return frozenset(named), tuple(unnamed)


def halve(ids: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Both halves of `ids`."""
    middle = len(ids) // 2
    return ids[:middle], ids[middle:]


def _between(before: str, after: str) -> list[str]:
    """The ids between two neighbours, or next to the only one, at most MAX_CANDIDATES, those next to them first."""
    if before.isdecimal() and after.isdecimal():
        first, last = int(before) + 1, int(after) - 1
        if last - first >= MAX_CANDIDATES:
            # All transactions share one sequence of ids, so there may be many others between two invoices.
            half = MAX_CANDIDATES // 2
            ids = [*range(first, first + half), *range(last, last - half, -1)]
        else:
            ids = list(range(first, last + 1))
    elif after.isdecimal():
        ids = list(range(int(after) - 1, max(int(after) - MAX_CANDIDATES, 0) - 1, -1))
    else:
        first = int(before) + 1 if before.isdecimal() else 1
        ids = list(range(first, first + MAX_CANDIDATES))
    return [str(one) for one in ids if one > 0]


def _search(ids: Sequence[str], *, count: Callable[[Sequence[str]], int], number: int) -> list[str]:
    """Those of `ids` that exist, until `number` are found: MAX_COUNTED ids are counted at once."""
    found: list[str] = []
    for start in range(0, len(ids), MAX_COUNTED):
        if len(found) >= number:
            break
        counted = ids[start : start + MAX_COUNTED]
        found += _find(counted, count=count, total=count(counted))
    return found


def _find(ids: Sequence[str], *, count: Callable[[Sequence[str]], int], total: int) -> list[str]:
    """Those of `ids` that exist; `total` of them do."""
    if total == 0 or total > MAX_REFUSED:
        return []
    if len(ids) == total:
        return list(ids)
    left, right = halve(ids)
    on_the_left = count(left)
    return _find(left, count=count, total=on_the_left) + _find(right, count=count, total=total - on_the_left)
