"""QuickBooks Online's rate limits: 500 calls a minute and 10 a second for each company."""

import threading
from collections import deque
from datetime import datetime

PER_MINUTE = 500
PER_SECOND = 10


class Throttle:
    """Each company's calls within the last minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: dict[str, deque[float]] = {}

    def allow(self, realm: str, *, at: datetime) -> bool:
        """Count a call. Returns False if it exceeds a limit."""
        moment = at.timestamp()
        with self._lock:
            calls = self._calls.setdefault(realm, deque())
            while calls and calls[0] <= moment - 60:
                calls.popleft()
            in_last_second = sum(1 for call in calls if call > moment - 1)
            if len(calls) >= PER_MINUTE or in_last_second >= PER_SECOND:
                return False
            calls.append(moment)
            return True
