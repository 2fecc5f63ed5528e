"""Webhooks on their way: a thread of its own takes what happened from the store and sends it, again if need be.

No request of the sandbox waits for it. What was not delivered when the process ends is sent by the next one.
"""

import random
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import requests

from quickbooks_app.sandbox.runtime import events
from quickbooks_app.sandbox.runtime.clock import Clock, now
from quickbooks_app.sandbox.runtime.events import Event
from quickbooks_app.sandbox.runtime.store import Store
from quickbooks_app.sandbox.webhooks.notices import Format, body_of, headers_of

# Intuit's own, in seconds from one try to the next.
WAITS = (10, 20, 30, 5 * 60, 20 * 60, 2 * 3600, 4 * 3600, 6 * 3600)
PATIENCE = 3  # seconds for an answer, as Intuit has
TOGETHER = 50  # events in one body
PAUSE = 0.2
SCATTER = 2  # seconds over which shuffled events are spread
KEPT = 100


@dataclass(frozen=True, slots=True)
class Try:
    """One POST: the status it was answered with, None where no answer came in time."""

    at: datetime
    status: int | None
    milliseconds: int


@dataclass(slots=True)
class Delivery:
    """One body on its way."""

    body: bytes
    headers: dict[str, str]
    events: Sequence[Event]
    due: float  # of the monotonic clock
    hurry: int
    tries: list[Try] = field(default_factory=list)
    state: str = "waiting"  # then delivered or given up


class Webhooks:
    """Where webhooks go, how they are written, and the latest of them."""

    def __init__(self, *, url: str, verifier: str) -> None:
        self.url = url
        self.verifier = verifier
        self.written = Format()
        self._lock = threading.Lock()
        self._recent: deque[Delivery] = deque(maxlen=KEPT)

    def add(self, delivery: Delivery) -> None:
        with self._lock:
            self._recent.appendleft(delivery)

    def recent(self) -> list[Delivery]:
        """Newest first."""
        with self._lock:
            return list(self._recent)


class Sender:
    """The thread that sends."""

    def __init__(self, *, store: Store, webhooks: Webhooks, clock: Clock = now) -> None:
        self._store, self._webhooks, self._clock = store, webhooks, clock
        self._waiting: list[Delivery] = []
        self._taken = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more; a POST that is under way is waited for."""
        self._stopped.set()
        self._thread.join(PATIENCE + 2)

    def _run(self) -> None:
        with requests.Session() as session:
            session.trust_env = False  # this machine only, whatever proxy the environment names
            while not self._stopped.wait(PAUSE):
                try:
                    self._take()
                    self._send_due(session)
                except sqlite3.Error:
                    continue  # the books are being written by somebody else for long; the next turn finds it all

    def _take(self) -> None:
        """Make deliveries of what has happened since the last look."""
        happened = events.after(self._store.connection(), number=self._taken)
        if not happened:
            return
        self._taken = happened[-1].number
        written = self._webhooks.written
        if not written.on:
            events.forget(self._store.connection(), numbers=[event.number for event in happened])
            return
        if written.shuffled:
            random.shuffle(happened)
        together = 1 if written.shuffled else TOGETHER
        for start in range(0, len(happened), together):
            some = happened[start : start + together]
            for _ in range(2 if written.twice else 1):
                self._add(some, written)

    def _add(self, some: Sequence[Event], written: Format) -> None:
        body = body_of(some, written=written)
        later = random.uniform(0, SCATTER) if written.shuffled else 0
        delivery = Delivery(
            body=body,
            headers=headers_of(body, verifier=self._webhooks.verifier, written=written, at=self._clock()),
            events=some,
            due=time.monotonic() + written.delay + later,
            hurry=written.hurry,
        )
        self._webhooks.add(delivery)
        self._waiting.append(delivery)

    def _send_due(self, session: requests.Session) -> None:
        self._waiting.sort(key=lambda delivery: delivery.due)
        while self._waiting and self._waiting[0].due <= time.monotonic() and not self._stopped.is_set():
            delivery = self._waiting.pop(0)
            done = self._post(session, delivery)
            delivery.tries.append(done)
            if done.status == 200:
                self._end(delivery, "delivered")
            elif len(delivery.tries) > len(WAITS):
                self._end(delivery, "given up")
            else:
                delivery.due = time.monotonic() + WAITS[len(delivery.tries) - 1] / delivery.hurry
                self._waiting.append(delivery)
                self._waiting.sort(key=lambda delivery: delivery.due)

    def _post(self, session: requests.Session, delivery: Delivery) -> Try:
        at, began, status = self._clock(), time.monotonic(), None
        try:
            with session.post(
                self._webhooks.url,
                data=delivery.body,
                headers=delivery.headers,
                timeout=PATIENCE,
                allow_redirects=False,
                stream=True,
            ) as answer:
                status = answer.status_code
        except requests.RequestException:
            pass  # tried again, as with any answer but 200
        return Try(at=at, status=status, milliseconds=int((time.monotonic() - began) * 1000))

    def _end(self, delivery: Delivery, state: str) -> None:
        delivery.state = state
        events.forget(self._store.connection(), numbers=[event.number for event in delivery.events])
