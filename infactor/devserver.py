"""`make run`: starts an embedded PostgreSQL, prepares the database, and runs every process until Ctrl-C.

`python -m infactor.devserver run` does this; `python -m infactor.devserver manage COMMAND …` runs one command of
manage.py with the same settings and database.
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

# Seconds that a process may take to stop: Celery finishes its running task first.
SHUTDOWN_TIMEOUT = 30
ROOT = Path(__file__).resolve().parent.parent


class CannotStart(Exception):
    """The user has to fix something first; the message says what, in one sentence."""


def main(arguments: list[str]) -> int:
    """Exit code: 0 after a clean stop, 1 with one sentence on stderr if it could not start."""
    environ.Env.read_env(ROOT / ".env")
    try:
        match arguments:
            case ["run"]:
                return run()
            case ["manage", *command]:
                with database(_settings()) as settings:
                    return subprocess.call(  # noqa: S603  infactor's own manage.py, at the user's own terminal
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
    """Start everything and wait for Ctrl-C; then stop everything, the database last."""
    settings = _settings()
    port, sandbox_port = int(settings["PORT"]), int(settings["SANDBOX_PORT"])
    with_sandbox = settings["QUICKBOOKS_ENVIRONMENT"] == "local"
    _require_free_port(port, variable="PORT")
    if with_sandbox:
        _require_free_port(sandbox_port, variable="SANDBOX_PORT")
    _report("Starting PostgreSQL")
    with _single_instance(Path(settings["VAR_DIR"])), database(settings) as environment:
        _bootstrap(environment)
        honcho_manager.KILL_WAIT = SHUTDOWN_TIMEOUT
        manager = honcho_manager.Manager()
        manager._procmgr = SignalProcessOnly()
        commands = parse_procfile((ROOT / "Procfile").read_text()).processes
        processes = {name: command for name, command in commands.items() if name != "sandbox" or with_sandbox}
        for name, command in processes.items():
            manager.add_process(name, command, env=environment, cwd=str(ROOT))
        _report(f"Starting {', '.join(processes)}")
        with _demo_data(environment) as writer:
            threading.Thread(target=_finish_start, args=(environment, writer), daemon=True).start()
            manager.loop()
        stopped_by_person = manager.returncode in (130, 143)
        return 0 if stopped_by_person else (manager.returncode or 0)


class SignalProcessOnly(ProcessManager):  # type: ignore[misc]
    """Sends SIGTERM to a process and not to its group, as Celery and gunicorn stop their own children.

    honcho signals the whole group, which kills Celery's children early and leaves Celery waiting for them.
    """

    def terminate(self, pid: int) -> None:
        os.kill(pid, signal.SIGTERM)


def _settings() -> dict[str, str]:
    """The environment of every process: what the user has set, and defaults for the rest."""
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
    """`settings` with a DATABASE_URL that answers: the user's own, or that of the embedded server."""
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


def _bootstrap(environment: dict[str, str]) -> None:
    """Prepare the database and static files. The command prints its steps."""
    done = subprocess.run(
        [sys.executable, "manage.py", "bootstrap"],
        cwd=ROOT,
        env=environment,
        text=True,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        problem = error_line(done.stderr.strip())
        reason = problem.partition("infactor does not start: ")[2]
        raise CannotStart(reason or f"`manage.py bootstrap` failed: {problem}")


@contextmanager
def _demo_data(environment: dict[str, str]) -> Iterator[subprocess.Popen[str] | None]:
    """A process that writes the demo financing history while the others start; None if none is wanted."""
    is_local = environment["DJANGO_SETTINGS_MODULE"] == "infactor.settings.local"
    if not is_local or not environ.Env().bool("DEMO_STORY", True):
        yield None
        return
    _report("Writing demo data")
    writer = subprocess.Popen(
        [sys.executable, "manage.py", "demo_financing"],
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        yield writer
    finally:
        writer.terminate()
        writer.wait()


def _finish_start(environment: dict[str, str], writer: subprocess.Popen[str] | None) -> None:
    """Wait for the demo data and for the web process, then say that infactor is ready."""
    if writer is not None:
        _, errors = writer.communicate()
        if writer.returncode > 0:  # infactor works without it
            print(f"The demo data could not be written: {error_line(errors.strip())}", file=sys.stderr, flush=True)
    _print_welcome(environment)


def _report(step: str) -> None:
    print(f"{step}…", flush=True)


def error_line(output: str) -> str:
    """The line of a traceback that names the error, which PostgreSQL's errors follow with more lines."""
    lines = output.splitlines() or [""]
    return next((line for line in reversed(lines) if re.match(r"[\w.]+: ", line)), lines[-1])


def _require_free_port(port: int, *, variable: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} is taken by another program. Stop it, or choose another port: "
                f"{variable}={port + 100 if port < 65000 else port - 100} make run"
            ) from error


@contextmanager
def _single_instance(folder: Path) -> Iterator[None]:
    with (folder / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStart(
                f"Another infactor runs on the data folder {folder}. For a second copy, choose another folder and "
                "other ports: VAR_DIR=var2 PORT=3100 SANDBOX_PORT=3101 make run"
            ) from error
        yield


def _print_welcome(environment: dict[str, str]) -> None:
    """Once the web process answers, print its address and the demo accounts."""
    address = f"http://localhost:{environment['PORT']}"
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):  # noqa: S310  infactor's own address
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
