"""Runs processes, prints what they say, and starts one that dies again, each time later, until it is told to stop."""

import datetime
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from honcho.colour import get_colours
from honcho.printer import Message, Printer

# Seconds that a process may take to stop: Celery finishes its running task first.
SHUTDOWN_TIMEOUT = 30
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0  # seconds before a dead process starts again; doubles each time
STEADY = 60.0  # seconds after which a process counts as started: its next wait is the first one again
TICK = 0.2
OURS = "system"


def wait_before_start(deaths: int) -> float:
    """Seconds before a process starts again after so many deaths in a row."""
    return min(FIRST_WAIT * 2.0 ** max(deaths - 1, 0), LONGEST_WAIT)


class Supervised:
    """One process, started as often as it dies."""

    def __init__(self, name: str, command: str, *, environment: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.deaths = 0
        self.start_at = 0.0
        self._started_at = 0.0
        self._command, self._environment, self._folder = command, environment, folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, *, now: float, write: Callable[[str, bytes], None]) -> int:
        """Start it in a session of its own, where a Ctrl-C of the terminal does not reach it. Returns its id."""
        self._process = subprocess.Popen(  # noqa: S602  the commands of infactor's own Procfile
            self._command,
            shell=True,
            cwd=self._folder,
            env=dict(self._environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._started_at = now
        threading.Thread(target=self._read, args=(self._process, write), daemon=True).start()
        return self._process.pid

    def reap(self, *, now: float) -> int | None:
        """Its exit code if it has died since the last call, after which it is due to start again; else None."""
        if self._process is None or (code := self._process.poll()) is None:
            return None
        self.kill_group()  # children that outlive their parent would keep its port
        self.deaths = 1 if now - self._started_at >= STEADY else self.deaths + 1
        self.start_at = now + wait_before_start(self.deaths)
        self._process = None
        return code

    def terminate(self) -> None:
        """Send SIGTERM to the process and not to its group, as Celery and gunicorn stop their own children."""
        if self.is_running and self._process is not None:
            self._process.terminate()

    def kill_group(self) -> None:
        """Kill the process and all its children."""
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    def wait(self, seconds: float) -> bool:
        """Whether it ended within `seconds`."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout=max(seconds, 0))
        except subprocess.TimeoutExpired:
            return False
        return True

    def _read(self, process: subprocess.Popen[bytes], write: Callable[[str, bytes], None]) -> None:
        if process.stdout is None:
            return
        with process.stdout:
            for line in process.stdout:
                write(self.name, line)


class Supervisor:
    """Keeps a set of processes running."""

    def __init__(
        self,
        commands: Mapping[str, str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        watch: Callable[[], str] = lambda: "",
    ) -> None:
        """`watch` is called at every tick; what it returns is printed, and what it raises ends everything."""
        self._processes = [
            Supervised(name, command, environment=environment, folder=folder) for name, command in commands.items()
        ]
        self._watch = watch
        self._printer = Printer(sys.stdout, width=max(map(len, [*commands, OURS])))
        self._colours = dict(zip(commands, get_colours(), strict=False))
        self._printing = threading.Lock()
        self._stopping = False

    def run(self) -> None:
        """Start everything, and keep it running until SIGINT or SIGTERM. Then stop everything."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            while not self._stopping:
                self._tick(now=time.monotonic())
                time.sleep(TICK)
        finally:
            self._shut_down()

    def _tick(self, *, now: float) -> None:
        if said := self._watch():
            self._say(said)
        for process in self._processes:
            code = process.reap(now=now)
            if code is not None:
                self._say(f"{process.name} ended (rc={code}); it starts again in {process.start_at - now:.0f} s")
            elif not process.is_running and now >= process.start_at and not self._stopping:
                self._say(f"{process.name} started (pid={process.start(now=now, write=self._write)})")

    def _shut_down(self) -> None:
        for process in self._processes:
            process.terminate()
        deadline = time.monotonic() + SHUTDOWN_TIMEOUT
        for process in self._processes:
            if not process.wait(deadline - time.monotonic()):
                self._say(f"{process.name} did not stop within {SHUTDOWN_TIMEOUT} s and is killed")
            process.kill_group()
            process.wait(SHUTDOWN_TIMEOUT)

    def _stop(self, number: int, frame: object) -> None:
        self._stopping = True

    def _say(self, text: str) -> None:
        self._write(OURS, text.encode())

    def _write(self, name: str, line: bytes) -> None:
        with self._printing:
            colour = self._colours.get(name)
            now = datetime.datetime.now()  # noqa: DTZ005  the clock of the terminal's user
            self._printer.write(Message(type="line", data=line, time=now, name=name, colour=colour))
