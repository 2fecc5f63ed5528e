"""Objects that QuickBooks refuses to give out: narrows an answer down to them, and finds their ids by counting.

One invoice with an invalid e-mail address makes QuickBooks refuse every answer that would hold it. Halving finds it in
about twice log2 of the page size calls, and all other objects come meanwhile (see docs/adr/0022).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from quickbooks_app.api.query_response import QueryResponse
from quickbooks_app.errors import AnswerRefused

MAX_REFUSED = 10  # in one answer; more are not the fault of single objects
MAX_CANDIDATES = 100  # ids that are counted at once


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
    may be read twice, but none is lost. Raises `error` if too many objects are refused.
    """
    objects: list[bytes | None] = []
    times: list[datetime | None] = []
    waiting = _halves(start, size) if size > 1 else [(start, size)]
    while waiting:
        position, number = waiting.pop()
        try:
            response = read(position, number)
        except AnswerRefused:
            if number > 1:
                waiting += _halves(position, number)
                continue
            objects.insert(0, None)
            if objects.count(None) > MAX_REFUSED:
                raise error from None
        else:
            objects[:0] = response.objects
            times.append(response.time)
    # The earliest clock: what changes after it is read by the next run.
    return NarrowedResponse(objects, min((time for time in times if time), default=None), None)


def _halves(position: int, number: int) -> list[tuple[int, int]]:
    half = number // 2
    return [(position, half), (position + half, number - half)]


def name_refused(
    ids: Sequence[str | None], *, count: Callable[[Sequence[str]], int]
) -> tuple[frozenset[str], frozenset[str]]:
    """The ids of the refused objects, which are None in `ids`, in order of creation.

    QuickBooks numbers objects in order, and a count holds no object: the ids between the neighbours are counted. The
    second set holds the id before each gap whose objects could not be found.
    """
    known = {qbk_id for qbk_id in ids if qbk_id}
    named: set[str] = set()
    unnamed_after: set[str] = set()
    position = 0
    for is_refused, group in groupby(ids, key=lambda qbk_id: qbk_id is None):
        number = len(list(group))
        if is_refused:
            before = ids[position - 1] or "" if position else ""
            after = ids[position + number] or "" if position + number < len(ids) else ""
            candidates = [one for one in _between(before, after) if one not in known]
            found = _find(candidates, count=count, total=count(candidates)) if candidates else []
            named.update(found)
            if len(found) < number:
                unnamed_after.add(before)
        position += number
    return frozenset(named), frozenset(unnamed_after)


def halve(ids: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Both halves of `ids`."""
    middle = len(ids) // 2
    return ids[:middle], ids[middle:]


def _between(before: str, after: str) -> list[str]:
    """The ids between two neighbours, or next to the only one. None if there are too many."""
    if before.isdecimal() and after.isdecimal():
        first, last = int(before) + 1, int(after) - 1
    elif before.isdecimal():
        first, last = int(before) + 1, int(before) + MAX_CANDIDATES
    elif after.isdecimal():
        first, last = max(int(after) - MAX_CANDIDATES, 1), int(after) - 1
    else:
        first, last = 1, MAX_CANDIDATES
    return [str(one) for one in range(first, last + 1)] if last - first < MAX_CANDIDATES else []


def _find(ids: Sequence[str], *, count: Callable[[Sequence[str]], int], total: int) -> list[str]:
    """Those of `ids` that exist; `total` of them do."""
    if total == 0 or total > MAX_REFUSED:
        return []
    if len(ids) == total:
        return list(ids)
    left, right = halve(ids)
    on_the_left = count(left)
    return _find(left, count=count, total=on_the_left) + _find(right, count=count, total=total - on_the_left)
