"""Runs `make run` as a process, and reads its output."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from infactor.embedded_postgres import postgres
from tests.support.database.kept_template import TEMPLATE, copy_migrated_server
from tests.support.processes.ports import free_ports

ROOT = Path(__file__).resolve().parents[3]
NOT_INHERITED = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE")
READY = "Ctrl-C stops everything."


class DevServer:
    """One infactor on the data folder `folder`, with the same ports and data at every start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.sandbox_port = free_ports(2)
        self.address = f"http://localhost:{self.port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in NOT_INHERITED},
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
            "VAR_DIR": str(folder / "var"),
        }
        self._log = folder / "run.log"
        self._process: subprocess.Popen[bytes] | None = None

    def migrate_ahead(self) -> None:
        """Put a migrated database where the first start would make one, for tests of what comes after that."""
        data = self.folder / "var" / "postgres"
        data.parent.mkdir(mode=0o700)
        copy_migrated_server(data)
        with postgres(data=data, database="postgres") as server, psycopg.connect(server, autocommit=True) as connection:
            connection.execute("DROP DATABASE infactor")  # the empty one of every embedded server
            connection.execute(f"ALTER DATABASE {TEMPLATE} RENAME TO infactor")

    @property
    def printed(self) -> str:
        return self._log.read_text()

    def start(self) -> None:
        """Start, and wait until it reports that it is ready."""
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "infactor.devserver", "run"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 900  # a slow machine with other tests beside is no failure
        while READY not in self.printed:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"infactor did not start:\n{self.printed[-4000:]}")
            time.sleep(0.1)

    def stop(self) -> int:
        """Press Ctrl-C, and return the exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGINT)
        code = self._process.wait(timeout=120)
        self._process = None
        return code

    def kill(self) -> None:
        """Kill the command itself, which leaves it no time to stop anything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)

    def sandbox(self, *arguments: str) -> str:
        """The output of a sandbox command on this infactor's data."""
        return subprocess.run(
            [sys.executable, "-m", "quickbooks_app.sandbox", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        ).stdout

    def leftovers(self) -> list[str]:
        """Command lines of processes that still use this infactor's data or ports."""
        import psutil

        marks = (str(self.folder), f":{self.port}", f"--port {self.sandbox_port}")
        found = []
        for process in psutil.process_iter(["cmdline"]):
            line = " ".join(process.info["cmdline"] or [])
            if process.pid != os.getpid() and any(mark in line for mark in marks):
                found.append(line)
        return found
