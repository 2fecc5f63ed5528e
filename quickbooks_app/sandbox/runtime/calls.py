"""The calls the sandbox was asked, the last two hundred of them, for a person or a test to look at."""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime

KEPT = 200


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a client; no header and no body, so no token is kept here."""

    at: datetime
    method: str
    path: str
    query: str
    status: int
    milliseconds: int
    intuit_tid: str


class Calls:
    """A list that forgets its oldest entry, and a count that does not."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._recent: deque[Call] = deque(maxlen=KEPT)
        self._total = 0

    def add(self, call: Call) -> None:
        with self._lock:
            self._recent.appendleft(call)
            self._total += 1

    def recent(self) -> list[Call]:
        """Newest first."""
        with self._lock:
            return list(self._recent)

    @property
    def total(self) -> int:
        with self._lock:
            return self._total
