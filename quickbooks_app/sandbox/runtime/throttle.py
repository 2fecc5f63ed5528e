"""QuickBooks Online's rate limits: for each company, and for each app in it."""

import threading
from collections import deque
from datetime import datetime

CALLS_A_MINUTE, BATCHES_A_MINUTE = 500, 120  # for each company
CALLS_A_SECOND, BATCHES_A_MINUTE_OF_APP = 10, 40  # for each company and app

_Key = tuple[str, ...]


class Throttle:
    """The calls within the last minute, of each company and of each app in it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[_Key, deque[float]] = {}

    def allow(self, realm: str, *, app: str, at: datetime, is_batch: bool = False) -> bool:
        """Count a call. Returns False if it exceeds a limit, and then does not count it."""
        moment = at.timestamp()
        # What is counted, within how many seconds, and how many may be.
        limits: list[tuple[_Key, int, int]] = [
            (("calls", realm), 60, CALLS_A_MINUTE),
            (("calls", realm, app), 1, CALLS_A_SECOND),
        ]
        if is_batch:
            limits.append((("batches", realm), 60, BATCHES_A_MINUTE))
            limits.append((("batches", realm, app), 60, BATCHES_A_MINUTE_OF_APP))
        with self._lock:
            if any(self._number(key, moment=moment, seconds=seconds) >= most for key, seconds, most in limits):
                return False
            for key, *_ in limits:
                self._made[key].append(moment)
            return True

    def _number(self, key: _Key, *, moment: float, seconds: int) -> int:
        made = self._made.setdefault(key, deque())
        while made and made[0] <= moment - seconds:
            made.popleft()
        return len(made)
