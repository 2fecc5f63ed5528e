"""`make drill-failures`: play every failure against a running infactor, and print a table of what was measured."""

import argparse
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.failures.installation import SETTINGS, Installation
from tests.benchmarks.failures.probes import describe, visitors
from tests.benchmarks.failures.switch import AWAY, SILENT, WELL
from tests.support.processes.folders import temporary_folder

PATIENCE = 300  # seconds until everything must be whole again
GOOD = (200, 302)


@dataclass(frozen=True)
class Failure:
    """Something that can be broken and mended."""

    name: str
    begin: Callable[[], object]
    end: Callable[[], object]


def failures(installation: Installation) -> list[Failure]:
    def switched(part: str, mode: str) -> Failure:
        switch = installation.parts[part]
        return Failure(f"{part} {mode}", lambda: switch.turn(mode), lambda: switch.turn(WELL))

    played = [switched(part, mode) for part in installation.parts for mode in (AWAY, SILENT)]
    played.append(
        Failure("web, worker and beat killed", lambda: installation.kill("web", "worker", "beat"), lambda: None)
    )
    if installation.small_disk:
        played.append(Failure("disk of PostgreSQL full", installation.fill_disk, installation.free_disk))
    return played


class Drill:
    """Plays failures one after another, and prints a row for each."""

    def __init__(self, installation: Installation, *, outage: float) -> None:
        self._installation, self._outage = installation, outage
        self._visitors = visitors(installation)
        for visitor in self._visitors.values():
            visitor.start()

    def play(self, failure: Failure) -> bool:
        """Whether nobody saw a 500 and everything was whole in the end."""
        self._settle()
        log_before, mails_before = len(self._installation.infactor.printed), len(self._installation.mail.arrivals)
        begin = time.monotonic()
        failure.begin()
        run = None if "disk" in failure.name else self._request_run()  # nothing is written to a full disk
        time.sleep(self._outage)
        end = time.monotonic()
        failure.end()
        run = run or self._request_run()
        whole = {
            "pages": self._until(lambda: self._pages_answer(since=end)),
            "mails": self._until(lambda: self._mails_left() == 0),
            "reading": self._until(lambda: self._run_has_ended(run)),
            "/readyz": self._until(lambda: self._is_ready(since=end)),
        }
        self._report(failure, begin=begin, end=end, whole=whole, log_before=log_before, mails_before=mails_before)
        asked = [visitor.between(begin, time.monotonic()) for visitor in self._visitors.values()]
        return None not in whole.values() and not any(answer.status == 500 for answers in asked for answer in answers)

    def _report(
        self,
        failure: Failure,
        *,
        begin: float,
        end: float,
        whole: dict[str, float | None],
        log_before: int,
        mails_before: int,
    ) -> None:
        readyz = self._visitors["/readyz"].between(begin, end)
        named = sorted({one for answer in readyz for one in answer.failures})
        ended = re.findall(r"(\w+) ended \(rc=", self._installation.infactor.printed[log_before:])
        lines = [f"\n### {failure.name}, for {end - begin:.0f} s\n"]
        lines += [f"- {name}: {describe(visitor.between(begin, end))}" for name, visitor in self._visitors.items()]
        lines += [
            f"- /readyz names: {', '.join(named) or 'nothing'}",
            f"- processes that ended and were started again: {', '.join(ended) or 'none'}",
            f"- mails delivered: {len(self._installation.mail.arrivals) - mails_before}",
            "- whole after the end: " + ", ".join(f"{name} {seconds_after(at, end)}" for name, at in whole.items()),
        ]
        print("\n".join(lines), flush=True)

    def _settle(self) -> None:
        """Wait until infactor is ready and no mail waits."""
        now = time.monotonic()
        self._until(lambda: self._is_ready(since=now) and self._mails_left() == 0)

    def _pages_answer(self, *, since: float) -> bool:
        asked = [visitor.between(since, time.monotonic()) for name, visitor in self._visitors.items() if "page" in name]
        return all(answers and answers[-1].status in GOOD for answers in asked)

    def _is_ready(self, *, since: float) -> bool:
        answers = self._visitors["/readyz"].between(since, time.monotonic())
        return bool(answers) and answers[-1].status == 200

    @staticmethod
    def _mails_left() -> int:
        from infactor.core.email import outbox

        return asked_again(lambda: outbox.pending().count())

    @staticmethod
    def _request_run() -> int:
        from django.utils import timezone

        from quickbooks_app import runs
        from quickbooks_app.models import Connection

        connection = asked_again(lambda: Connection.objects.select_related("company_file").get())
        return asked_again(lambda: runs.request(connection=connection, by=None, at=timezone.now()).pk)

    @staticmethod
    def _run_has_ended(pk: int) -> bool:
        from quickbooks_app.models import ImportRun

        return asked_again(lambda: ImportRun.objects.get(pk=pk).state) == ImportRun.State.SUCCEEDED

    @staticmethod
    def _until(holds: Callable[[], bool]) -> float | None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if holds():
                return time.monotonic()
            time.sleep(0.2)
        return None


def asked_again(ask: Callable[[], Any]) -> Any:
    """The value from the drill's own session of the database, which a full disk may have ended."""
    from django.db import DatabaseError, connection

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return ask()
        except DatabaseError:
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def seconds_after(at: float | None, end: float) -> str:
    return f"not within {PATIENCE} s" if at is None else f"{max(at - end, 0):.0f} s"


def main() -> int:
    """Exit code 1 if somebody saw a 500, or something was not whole in the end."""
    parser = argparse.ArgumentParser(prog="make drill-failures", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long each failure lasts")
    parser.add_argument("--only", default="", help="play the failures whose name contains this")
    chosen = parser.parse_args()
    with temporary_folder() as folder:
        installation = Installation(folder)
        try:
            # The drill's own session goes past the switch.
            os.environ |= {**installation.infactor.environment, "DATABASE_URL": installation.database.url}
            os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
            import django

            django.setup()
            installation.connect_quickbooks()
            drill = Drill(installation, outage=chosen.seconds)
            results = [drill.play(one) for one in failures(installation) if chosen.only in one.name]
        finally:
            installation.close()
    return 0 if all(results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
