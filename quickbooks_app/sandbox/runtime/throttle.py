"""QuickBooks Online's rate limits for each company: 500 calls a minute, 10 a second, and 120 batches a minute."""

import threading
from collections import deque
from datetime import datetime

PER_MINUTE = 500
PER_SECOND = 10
BATCHES_PER_MINUTE = 120


class Throttle:
    """Each company's calls within the last minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: dict[str, deque[float]] = {}
        self._batches: dict[str, deque[float]] = {}

    def allow(self, realm: str, *, at: datetime, is_batch: bool = False) -> bool:
        """Count a call. Returns False if it exceeds a limit."""
        moment = at.timestamp()
        with self._lock:
            calls = _of_last_minute(self._calls, realm, moment=moment)
            batches = _of_last_minute(self._batches, realm, moment=moment)
            in_last_second = sum(1 for call in calls if call > moment - 1)
            if len(calls) >= PER_MINUTE or in_last_second >= PER_SECOND:
                return False
            if is_batch and len(batches) >= BATCHES_PER_MINUTE:
                return False
            calls.append(moment)
            if is_batch:
                batches.append(moment)
            return True


def _of_last_minute(counted: dict[str, deque[float]], realm: str, *, moment: float) -> deque[float]:
    calls = counted.setdefault(realm, deque())
    while calls and calls[0] <= moment - 60:
        calls.popleft()
    return calls
