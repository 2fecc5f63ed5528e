"""The command behind `make run` and `make manage`.

`python -m infactor.devserver run` starts everything and runs it until Ctrl-C; `… manage COMMAND …` runs one command of
manage.py with the same settings and database.
"""

import os
import re
import shutil
import signal
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
from honcho.environ import parse_procfile

from infactor.devserver import leftovers
from infactor.devserver.machine import (
    ROOT,
    CannotStart,
    close_to_others,
    open_data_folder,
    read_settings,
    require_free_ports,
    single_instance,
    with_sandbox,
)
from infactor.devserver.supervisor import Supervisor
from infactor.embedded_postgres import DatabaseLost, DatabaseUnavailable, EmbeddedServer, embedded_server


def main(arguments: list[str]) -> int:
    """Exit code: 0 after a clean stop, 1 with one sentence on stderr if it could not start."""
    environ.Env.read_env(ROOT / ".env")
    os.umask(0o077)  # whatever is written is for its owner only
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # as Ctrl-C: what was started is stopped again
    try:
        match arguments:
            case ["run"]:
                return run()
            case ["manage", *command]:
                settings = read_settings()
                open_data_folder(settings)
                with database(settings) as (settings, _):
                    return subprocess.call(  # noqa: S603  infactor's own manage.py, at the user's own terminal
                        [sys.executable, "manage.py", *command], cwd=ROOT, env=settings
                    )
            case _:
                raise CannotStart("Usage: python -m infactor.devserver run | manage COMMAND …")
    except DatabaseLost as problem:
        print(f"\ninfactor has stopped. {problem}", file=sys.stderr)
        return 1
    except (CannotStart, DatabaseUnavailable) as problem:
        print(f"\ninfactor did not start. {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def run() -> int:
    """Start everything and wait for Ctrl-C; then stop everything, the database last."""
    settings = read_settings()
    folder = open_data_folder(settings)
    with single_instance(folder):
        if found := leftovers.stop(folder=folder):
            _report(f"Stopped {found} processes of an infactor that was killed")
        require_free_ports(settings)
        _report("Starting PostgreSQL")
        with database(leftovers.mark(settings, folder=folder)) as (environment, server):
            _bootstrap(environment)
            commands = parse_procfile((ROOT / "Procfile").read_text()).processes
            chosen = {
                name: command for name, command in commands.items() if name != "sandbox" or with_sandbox(settings)
            }
            supervisor = Supervisor(
                chosen, environment=environment, folder=ROOT, watch=server.revive if server else lambda: ""
            )
            _report(f"Starting {', '.join(chosen)}")
            with _demo_data(environment) as writer:
                threading.Thread(target=_finish_start, args=(environment, writer), daemon=True).start()
                supervisor.run()
    return 0


@contextmanager
def database(settings: dict[str, str]) -> Iterator[tuple[dict[str, str], EmbeddedServer | None]]:
    """`settings` with a DATABASE_URL that answers: the user's own, or that of the embedded server, which comes too."""
    if settings.get("DATABASE_URL"):
        import psycopg

        try:
            psycopg.connect(settings["DATABASE_URL"], connect_timeout=5).close()
        except psycopg.Error as error:
            raise CannotStart(
                "The database of DATABASE_URL does not answer. Check that it runs and that name, user and password "
                "are right, or unset DATABASE_URL to use the embedded one."
            ) from error
        yield settings, None
        return
    free = shutil.disk_usage(settings["VAR_DIR"]).free
    if free < 200 * 1024**2:
        raise CannotStart(f"The disk of {settings['VAR_DIR']} is full: PostgreSQL needs at least 200 MB.")
    with embedded_server(data=Path(settings["VAR_DIR"]) / "postgres") as server:
        close_to_others(Path(settings["VAR_DIR"]))  # started as root, it has opened the folder for everybody
        yield {**settings, "DATABASE_URL": server.url}, server


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
    if not is_local or not environ.Env().bool("DEMO_FINANCING", True):
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
