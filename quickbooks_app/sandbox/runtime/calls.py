"""Log of the last 200 API calls, for the control page and tests."""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime

MAX_CALLS = 200


@dataclass(frozen=True, slots=True)
class Call:
    """One API call, without headers and body, so that no token is stored."""

    at: datetime
    method: str
    path: str
    query: str
    status: int
    milliseconds: int
    intuit_tid: str
    metered: bool = False  # Intuit counts reads, queries, changes and reports that succeed


class CallLog:
    """The latest calls, and a count of all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._recent: deque[Call] = deque(maxlen=MAX_CALLS)
        self._total = 0
        self._metered = 0

    def add(self, call: Call) -> None:
        with self._lock:
            self._recent.appendleft(call)
            self._total += 1
            self._metered += call.metered

    def recent(self) -> list[Call]:
        """Newest first."""
        with self._lock:
            return list(self._recent)

    @property
    def total(self) -> int:
        with self._lock:
            return self._total

    @property
    def metered(self) -> int:
        """How many calls Intuit would have counted."""
        with self._lock:
            return self._metered
