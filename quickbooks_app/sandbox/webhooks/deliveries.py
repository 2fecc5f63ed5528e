"""Webhook delivery: a thread reads events from the store and posts them, with retries.

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
from quickbooks_app.sandbox.webhooks.notices import WebhookFormat, build_body, build_headers

# Intuit's retry delays in seconds.
RETRY_DELAYS = (10, 20, 30, 5 * 60, 20 * 60, 2 * 3600, 4 * 3600, 6 * 3600)
TIMEOUT = 3  # seconds for an answer, as Intuit has
MAX_EVENTS_PER_BODY = 50  # events in one body
POLL_INTERVAL = 0.2
MAX_SHUFFLE_DELAY = 2  # seconds over which shuffled events are spread
MAX_DELIVERIES = 100


@dataclass(frozen=True, slots=True)
class Attempt:
    """One POST. `status` is None if no response came in time."""

    at: datetime
    status: int | None
    milliseconds: int


@dataclass(slots=True)
class Delivery:
    """One webhook body and its delivery attempts."""

    body: bytes
    headers: dict[str, str]
    events: Sequence[Event]
    due_at: float  # of the monotonic clock
    speed_up: int
    attempts: list[Attempt] = field(default_factory=list)
    state: str = "waiting"  # then delivered or given up


class WebhookLog:
    """The webhook target, its format and the latest deliveries."""

    def __init__(self, *, url: str, verifier: str) -> None:
        self.url = url
        self.verifier = verifier
        self.written = WebhookFormat()
        self._lock = threading.Lock()
        self._recent: deque[Delivery] = deque(maxlen=MAX_DELIVERIES)

    def add(self, delivery: Delivery) -> None:
        with self._lock:
            self._recent.appendleft(delivery)

    def recent(self) -> list[Delivery]:
        """Newest first."""
        with self._lock:
            return list(self._recent)


class Sender:
    """The delivery thread."""

    def __init__(self, *, store: Store, webhooks: WebhookLog, clock: Clock = now) -> None:
        self._store, self._webhooks, self._clock = store, webhooks, clock
        self._waiting: list[Delivery] = []
        self._taken = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop after the POST that is in progress."""
        self._stopped.set()
        self._thread.join(TIMEOUT + 2)

    def _run(self) -> None:
        with requests.Session() as session:
            session.trust_env = False  # this machine only, whatever proxy the environment names
            while not self._stopped.wait(POLL_INTERVAL):
                try:
                    self._create_deliveries()
                    self._send_due(session)
                except sqlite3.Error:
                    continue  # the books are being written by somebody else for long; the next turn finds it all

    def _create_deliveries(self) -> None:
        """Create deliveries for the events since the last poll."""
        happened = events.pending_after(self._store.connection(), number=self._taken)
        if not happened:
            return
        self._taken = happened[-1].number
        written = self._webhooks.written
        if not written.enabled:
            events.delete(self._store.connection(), numbers=[event.number for event in happened])
            return
        if written.shuffled:
            random.shuffle(happened)
        together = 1 if written.shuffled else MAX_EVENTS_PER_BODY
        for start in range(0, len(happened), together):
            some = happened[start : start + together]
            for _ in range(2 if written.duplicated else 1):
                self._add(some, written)

    def _add(self, some: Sequence[Event], written: WebhookFormat) -> None:
        body = build_body(some, written=written)
        later = random.uniform(0, MAX_SHUFFLE_DELAY) if written.shuffled else 0
        delivery = Delivery(
            body=body,
            headers=build_headers(body, verifier=self._webhooks.verifier, written=written, at=self._clock()),
            events=some,
            due_at=time.monotonic() + written.delay + later,
            speed_up=written.speed_up,
        )
        self._webhooks.add(delivery)
        self._waiting.append(delivery)

    def _send_due(self, session: requests.Session) -> None:
        self._waiting.sort(key=lambda delivery: delivery.due_at)
        while self._waiting and self._waiting[0].due_at <= time.monotonic() and not self._stopped.is_set():
            delivery = self._waiting.pop(0)
            done = self._post(session, delivery)
            delivery.attempts.append(done)
            if done.status == 200:
                self._finish(delivery, "delivered")
            elif len(delivery.attempts) > len(RETRY_DELAYS):
                self._finish(delivery, "given up")
            else:
                delivery.due_at = time.monotonic() + RETRY_DELAYS[len(delivery.attempts) - 1] / delivery.speed_up
                self._waiting.append(delivery)
                self._waiting.sort(key=lambda delivery: delivery.due_at)

    def _post(self, session: requests.Session, delivery: Delivery) -> Attempt:
        at, began, status = self._clock(), time.monotonic(), None
        try:
            with session.post(
                self._webhooks.url,
                data=delivery.body,
                headers=delivery.headers,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as answer:
                status = answer.status_code
        except requests.RequestException:
            pass  # tried again, as with any answer but 200
        return Attempt(at=at, status=status, milliseconds=int((time.monotonic() - began) * 1000))

    def _finish(self, delivery: Delivery, state: str) -> None:
        delivery.state = state
        events.delete(self._store.connection(), numbers=[event.number for event in delivery.events])
