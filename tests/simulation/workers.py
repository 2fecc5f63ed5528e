"""Simulated worker processes that run one at a time and pause before every call to QuickBooks.

Each is a thread with its own database connection. Only one of them runs at any time, so a seed always gives the same
scenario. A killed worker can no longer reach the database, not even to clean up.
"""

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import connection as database


class ProcessKilled(BaseException):
    """The process was killed between two statements."""


class Worker:
    """One simulated worker process."""

    def __init__(self) -> None:
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._job: Callable[[], Any] | None = None
        self.kind = ""  # of the job, as its message said
        self.is_busy = False
        self.is_dead = False
        self.problem: BaseException | None = None
        self.statements_to_live: int | None = None
        # Calls by company: of this job, of those that ended, and of those that died, which may be unrecorded.
        self.calls, self.recorded, self.lost = Counter[str](), Counter[str](), Counter[str]()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def start(self, job: Callable[[], Any], *, dies_after: int | None) -> None:
        """Start a job and run it to its first pause; the worker dies before the database statement `dies_after`."""
        self.is_busy, self.is_dead, self.statements_to_live = True, False, dies_after
        self._job = job
        self.resume()

    def resume(self) -> None:
        """Run to the next pause. Raises any unexpected exception of the job."""
        self._go.release()
        self._stopped.acquire()
        if self.problem is not None:
            problem, self.problem = self.problem, None
            raise problem

    def pause(self) -> None:
        """Wait until `resume`; called on the worker's own thread."""
        if self.is_dead:
            raise ProcessKilled
        self._stopped.release()
        self._go.acquire()
        if self.is_dead:
            raise ProcessKilled

    def kill(self) -> None:
        """Kill the process at its current pause."""
        self.is_dead = True
        self.resume()

    def forget_calls(self) -> None:
        """Count calls from zero."""
        for calls in (self.calls, self.recorded, self.lost):
            calls.clear()

    def close(self) -> None:
        self._job = None
        self._go.release()
        self._thread.join()

    @property
    def is_current(self) -> bool:
        return threading.current_thread() is self._thread

    def _run(self) -> None:
        with database.execute_wrapper(self._statement):
            while True:
                self._go.acquire()
                if self._job is None:
                    database.close()
                    return
                try:
                    self._job()
                except ProcessKilled:
                    with suppress(Exception):
                        database.close()
                except BaseException as problem:  # noqa: BLE001  raised again in the controlling thread
                    self.problem = problem
                (self.lost if self.is_dead else self.recorded).update(self.calls)
                self.calls.clear()
                self.is_busy = False
                self._stopped.release()

    def _statement(self, execute: Callable[..., Any], *statement: Any) -> Any:
        if self.statements_to_live is not None:
            self.statements_to_live -= 1
            self.is_dead = self.is_dead or self.statements_to_live < 0
        if self.is_dead:
            raise ProcessKilled
        return execute(*statement)
