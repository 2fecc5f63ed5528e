"""What comes at the same moment is done together; each caller gets its own result, and only after the work."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import OperationalError

from quickbooks_app.webhooks.sharing import Shared


class Work:
    """Doubles numbers. The first call waits until it is let go, so that others come together meanwhile."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.began, self.goes_on = threading.Event(), threading.Event()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.calls.append(list(items))
        self.began.set()
        assert self.goes_on.wait(30)
        if any(item < 0 for item in items):
            raise ValueError("below zero")
        if any(item > 100 for item in items):
            raise OperationalError("the database is away")
        return [2 * item for item in items]


def together(work: Work, items: Sequence[int]) -> list[Future[int]]:
    """The first item is worked on while all others come."""
    shared = Shared(work)
    with ThreadPoolExecutor(len(items)) as pool:
        futures = [pool.submit(shared.do, items[0])]
        assert work.began.wait(30)
        futures += [pool.submit(shared.do, item) for item in items[1:]]
        while len(shared._waiting) < len(items) - 1:
            assert not any(future.done() for future in futures), "nobody goes on before the work has ended"
        work.goes_on.set()
    return futures


def test_what_comes_meanwhile_is_done_in_one_call_and_everybody_gets_their_own_result() -> None:
    work = Work()
    futures = together(work, [1, 2, 3, 4])
    assert [future.result() for future in futures] == [2, 4, 6, 8]
    assert [sorted(call) for call in work.calls] == [[1], [2, 3, 4]]


def test_one_that_breaks_the_work_fails_alone() -> None:
    futures = together(Work(), [1, 2, -3, 4])
    assert [future.result() for future in futures[:2] + futures[3:]] == [2, 4, 8]
    with pytest.raises(ValueError, match="below zero"):
        futures[2].result()


def test_a_database_that_is_away_is_asked_once_for_all() -> None:
    work = Work()
    futures = together(work, [1, 200, 3])
    assert len(work.calls) == 2
    for future in futures[1:]:
        with pytest.raises(OperationalError):
            future.result()


def test_after_a_failure_the_next_one_is_served() -> None:
    work = Work()
    work.goes_on.set()
    shared = Shared(work)
    with pytest.raises(ValueError, match="below zero"):
        shared.do(-1)
    assert shared.do(5) == 10
