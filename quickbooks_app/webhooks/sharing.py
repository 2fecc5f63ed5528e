"""Lets requests that come at the same moment share their statements and their commit.

The first one works; what comes meanwhile waits, and the next one takes all of it. Alone, a request never waits. Nobody
goes on before the work that holds their item has ended, so an answer still comes after the commit.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, cast

from django.db import InterfaceError, OperationalError

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Place(Generic[Item, Result]):
    """An item, and once it is done its result or what went wrong."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.result: Result | None = None
        self.problem: Exception | None = None
        self.is_done = False


class Shared(Generic[Item, Result]):
    """Calls `work` with the items of all threads that wait. It returns their results in the same order.

    `work` must be repeatable: where one item breaks it, each is tried alone, so that none fails for another's fault.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Result]]) -> None:
        self._work = work
        self._waiting: list[_Place[Item, Result]] = []
        self._list, self._turn = threading.Lock(), threading.Lock()

    def do(self, item: Item) -> Result:
        """The result for `item`. Raises what `work` raises for it."""
        own: _Place[Item, Result] = _Place(item)
        with self._list:
            self._waiting.append(own)
        with self._turn:
            if not own.is_done:
                with self._list:
                    places, self._waiting = self._waiting, []
                self._do(places)
        if own.problem is not None:
            raise own.problem
        return cast("Result", own.result)  # it is done, and has no problem

    def _do(self, places: Sequence[_Place[Item, Result]]) -> None:
        try:
            results = self._work([place.item for place in places])
            for place, result in zip(places, results, strict=True):
                place.result = result
        except Exception as problem:  # noqa: BLE001
            # Whatever it is, it belongs to the threads that wait: each raises it in `do`, and none waits for ever.
            # A database that is away is away for all of them: trying each would make them wait as often.
            if len(places) > 1 and not isinstance(problem, OperationalError | InterfaceError):
                for place in places:
                    self._do([place])
                return
            for place in places:
                place.problem = problem
        for place in places:
            place.is_done = True
