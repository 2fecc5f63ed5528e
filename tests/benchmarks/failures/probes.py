"""Visitors who keep asking for pages, and an operator who keeps asking for /readyz."""

import itertools
import statistics
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import requests

from tests.benchmarks.failures.installation import Installation

KNOWN = [f"{name}@infactor.test" for name in ("supplier", "midlife", "staff", "underwriter", "operations", "second")]
NO_ANSWER = 0


@dataclass
class Answer:
    """One answer: when it was asked for and how long it took, in seconds; its status, NO_ANSWER without one."""

    at: float
    seconds: float
    status: int
    failures: tuple[str, ...] = ()


@dataclass
class Visitor:
    """Asks every `pause` seconds until the drill ends."""

    ask: Callable[[], requests.Response]
    pause: float
    answers: list[Answer] = field(default_factory=list)

    def start(self) -> None:
        threading.Thread(target=self._go_on, daemon=True).start()

    def between(self, begin: float, end: float) -> list[Answer]:
        """The answers to what was asked in this time."""
        return [answer for answer in list(self.answers) if begin <= answer.at < end]

    def _go_on(self) -> None:
        while True:
            at = time.monotonic()
            try:
                response = self.ask()
                found = response.json().get("failures", {}) if "json" in response.headers["Content-Type"] else {}
                answer = Answer(at, time.monotonic() - at, response.status_code, tuple(found))
            except requests.RequestException:
                answer = Answer(at, time.monotonic() - at, NO_ANSWER)
            self.answers.append(answer)
            time.sleep(self.pause)


def visitors(installation: Installation) -> dict[str, Visitor]:
    """Everybody who asks, by what they ask for. Resets stay below their rate limit."""
    address = installation.infactor.address
    member, stranger, operator = requests.Session(), requests.Session(), requests.Session()
    installation.sign_in(member, "supplier@infactor.test")
    known = itertools.cycle(KNOWN)

    def reset(email: str) -> requests.Response:
        return installation.post(stranger, "/accounts/password/reset/", email=email)

    return {
        "sign-in page": Visitor(lambda: requests.get(f"{address}/accounts/login/", timeout=60), 1),
        "home page": Visitor(lambda: member.get(f"{address}/", timeout=60), 1),
        "reset, known": Visitor(lambda: reset(next(known)), 8),
        "reset, unknown": Visitor(lambda: reset(f"{uuid.uuid4()}@infactor.test"), 8),
        "/readyz": Visitor(lambda: operator.get(f"{address}/readyz", timeout=60), 2),
    }


def describe(answers: list[Answer]) -> str:
    """Statuses with their counts, and how long the answers took."""
    if not answers:
        return "no answer yet"
    counts = Counter(answer.status for answer in answers)
    said = ", ".join(f"{count} × {status or 'no answer'}" for status, count in sorted(counts.items()))
    times = [answer.seconds for answer in answers]
    return f"{said}; median {statistics.median(times):.2f} s, longest {max(times):.1f} s"
