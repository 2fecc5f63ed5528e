"""Gives up on a database that keeps a connection and says nothing, which no setting of PostgreSQL's can notice.

PostgreSQL ends a statement that takes too long (`statement_timeout`), and TCP one whose server has vanished
(`tcp_user_timeout`). Of a server that is frozen, or of a proxy in front of a dead one, neither hears anything.
"""

import itertools
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created

GRACE = 5  # seconds beyond the statement's own limit
TICK = 1.0  # seconds

_waits: dict[int, tuple[float, int]] = {}  # by number: until when, on which socket
_numbers = itertools.count()
_watched_process = 0


def install() -> None:
    """Watch every connection that this process opens, if statements are limited (in web)."""
    if settings.DATABASE_STATEMENT_SECONDS:
        connection_created.connect(_watch, dispatch_uid=__name__)


def _watch(sender: Any, connection: Any, **signal: Any) -> None:
    """Replace the method through which psycopg waits for the server, for statements, commits and checks alike."""
    _start_thread()
    opened, limit = connection.connection, settings.DATABASE_STATEMENT_SECONDS + GRACE
    plain = opened.wait

    def wait(*arguments: Any, **named: Any) -> Any:
        with _limited(opened.pgconn.socket, until=time.monotonic() + limit):
            return plain(*arguments, **named)

    opened.wait = wait


@contextmanager
def _limited(number_of_socket: int, *, until: float) -> Iterator[None]:
    number = next(_numbers)
    _waits[number] = (until, number_of_socket)
    try:
        yield
    finally:
        _waits.pop(number, None)


def _start_thread() -> None:
    """Start the thread that cuts connections, once a process: a fork has none of its parent's threads."""
    global _watched_process
    if _watched_process != os.getpid():
        _watched_process = os.getpid()
        threading.Thread(target=_cut_overdue, name="database-patience", daemon=True).start()


def _cut_overdue() -> None:
    while True:
        time.sleep(TICK)
        now = time.monotonic()
        for number, (until, number_of_socket) in list(_waits.items()):
            if now > until and number in _waits:
                del _waits[number]
                # psycopg then finds the connection closed, and raises OperationalError in the thread that waits.
                with suppress(OSError), socket.socket(fileno=os.dup(number_of_socket)) as one:
                    one.shutdown(socket.SHUT_RDWR)
