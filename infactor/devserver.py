"""`make run`: checks, embedded services, database, demo accounts, then every process until Ctrl-C.

`python -m infactor.devserver run` does the above; `python -m infactor.devserver manage COMMAND …` runs one command of
manage.py on the same settings and database.
"""

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import environ
from honcho import manager as honcho_manager
from honcho.compat import ProcessManager
from honcho.environ import parse_procfile

from infactor.embedded_postgres import DatabaseUnavailable, postgres

# Seconds that a process may take to stop by itself: Celery ends its running task first.
SHUTDOWN_TIMEOUT = 30
ROOT = Path(__file__).resolve().parent.parent


class CannotStart(Exception):
    """Something that the person at the terminal must put right first; the message says what, in one sentence."""


def main(arguments: list[str]) -> int:
    """Exit code 0 after a clean stop, 1 with one plain sentence where it could not start."""
    environ.Env.read_env(ROOT / ".env")
    try:
        match arguments:
            case ["run"]:
                return run()
            case ["manage", *command]:
                with database(_settings()) as settings:
                    return subprocess.call(  # noqa: S603  our own manage.py, at the person's own terminal
                        [sys.executable, "manage.py", *command], cwd=ROOT, env=settings
                    )
            case _:
                raise CannotStart("Usage: python -m infactor.devserver run | manage COMMAND …")
    except (CannotStart, DatabaseUnavailable) as problem:
        print(f"\ninfactor did not start. {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def run() -> int:
    """Start everything and stay until Ctrl-C; then stop everything, the database last."""
    settings = _settings()
    port, sandbox_port = int(settings["PORT"]), int(settings["SANDBOX_PORT"])
    with_sandbox = settings["QUICKBOOKS_ENVIRONMENT"] == "local"
    _require_free_port(port, variable="PORT")
    if with_sandbox:
        _require_free_port(sandbox_port, variable="SANDBOX_PORT")
    with _single_instance(Path(settings["VAR_DIR"])), database(settings) as environment:
        _prepare(environment)
        honcho_manager.KILL_WAIT = SHUTDOWN_TIMEOUT
        manager = honcho_manager.Manager()
        manager._procmgr = SignalProcessOnly()
        for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
            if name != "sandbox" or with_sandbox:
                manager.add_process(name, command, env=environment, cwd=str(ROOT))
        threading.Thread(target=_print_welcome, args=(environment,), daemon=True).start()
        manager.loop()
        stopped_by_person = manager.returncode in (130, 143)
        return 0 if stopped_by_person else (manager.returncode or 0)


class SignalProcessOnly(ProcessManager):  # type: ignore[misc]
    """Asks a process, not its whole group, to stop: Celery and gunicorn see to their own children.

    honcho signals the group, which kills Celery's children under its hands and leaves it waiting for them.
    """

    def terminate(self, pid: int) -> None:
        os.kill(pid, signal.SIGTERM)


def _settings() -> dict[str, str]:
    """The environment of every process: what the person set, and our defaults for the rest."""
    given = dict(os.environ)
    given.setdefault("DJANGO_SETTINGS_MODULE", "infactor.settings.local")
    given.setdefault("PORT", "3000")
    given.setdefault("SANDBOX_PORT", "3001")
    given.setdefault("QUICKBOOKS_ENVIRONMENT", "local")
    given["VAR_DIR"] = str(Path(given.get("VAR_DIR") or ROOT / "var").resolve())
    given["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{given.get('PATH', '')}"
    given["PYTHONUNBUFFERED"] = "1"
    for name in ("PORT", "SANDBOX_PORT"):
        if not given[name].isdigit() or not 0 < int(given[name]) < 65536:
            raise CannotStart(f"{name} must be a port number, not {given[name]!r}.")
    Path(given["VAR_DIR"]).mkdir(parents=True, exist_ok=True)
    return given


@contextmanager
def database(settings: dict[str, str]) -> Iterator[dict[str, str]]:
    """`settings` with a DATABASE_URL that answers: the person's own, or that of the embedded server."""
    if settings.get("DATABASE_URL"):
        import psycopg

        try:
            psycopg.connect(settings["DATABASE_URL"], connect_timeout=5).close()
        except psycopg.Error as error:
            raise CannotStart(
                "The database of DATABASE_URL does not answer. Check that it runs and that name, user and password "
                "are right, or unset DATABASE_URL to use the embedded one."
            ) from error
        yield settings
        return
    free = shutil.disk_usage(settings["VAR_DIR"]).free
    if free < 200 * 1024**2:
        raise CannotStart(f"The disk of {settings['VAR_DIR']} is full: PostgreSQL needs at least 200 MB.")
    with postgres(data=Path(settings["VAR_DIR"]) / "postgres") as url:
        yield {**settings, "DATABASE_URL": url}


def _prepare(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "bootstrap"],
        cwd=ROOT,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        problem = error_line(done.stderr.strip() or done.stdout.strip())
        refused = problem.partition("infactor does not start: ")[2]
        raise CannotStart(refused or f"`manage.py bootstrap` failed: {problem}")


def error_line(output: str) -> str:
    """The line of a traceback that names its error; PostgreSQL's go on for some lines after it."""
    lines = output.splitlines() or [""]
    return next((line for line in reversed(lines) if re.match(r"[\w.]+: ", line)), lines[-1])


def _require_free_port(port: int, *, variable: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} is taken by another program. Stop that, or choose another port: "
                f"{variable}={port + 100 if port < 65000 else port - 100} make run"
            ) from error


@contextmanager
def _single_instance(folder: Path) -> Iterator[None]:
    with (folder / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStart(
                f"Another infactor runs on the data folder {folder}. For a second copy choose another folder and "
                "ports: VAR_DIR=var2 PORT=3100 SANDBOX_PORT=3101 make run"
            ) from error
        yield


def _print_welcome(environment: dict[str, str]) -> None:
    """Once the web answers, say where and as whom."""
    address = f"http://localhost:{environment['PORT']}"
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):  # noqa: S310  our own address
                break
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    else:
        return
    lines = ["", f"infactor is ready: {address}", ""]
    if environment["DJANGO_SETTINGS_MODULE"] == "infactor.settings.local":
        logins = Path(environment["VAR_DIR"]) / "demo-logins.txt"
        lines += [logins.read_text()] if logins.exists() else []
    if environment["QUICKBOOKS_ENVIRONMENT"] == "local":
        lines += [f"The QuickBooks company on this machine: http://127.0.0.1:{environment['SANDBOX_PORT']}"]
    lines += ["Ctrl-C stops everything.", ""]
    print("\n".join(lines), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
