"""A database that keeps the connection and says nothing is given up, so that it holds no web thread for good."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from infactor.core import database_patience


class FrozenServer:
    """Relays a session with the database until `freeze`; then it takes everything and answers nothing."""

    def __init__(self, address: str) -> None:
        self._frozen, self._address = threading.Event(), address
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def freeze(self) -> None:
        self._frozen.set()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        visitor, _ = self._listener.accept()
        server = socket.socket(socket.AF_UNIX)
        server.connect(self._address)
        threading.Thread(target=self._pump, args=(visitor, server), daemon=True).start()
        threading.Thread(target=self._pump, args=(server, visitor), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if not self._frozen.is_set():
                    target.sendall(data)
        source.close()


@pytest.fixture
def server() -> Iterator[FrozenServer]:
    folder = str(connection.get_connection_params().get("host", ""))
    if not folder.startswith("/"):
        pytest.skip("the database is not the embedded one")
    frozen = FrozenServer(f"{folder}/.s.PGSQL.5432")
    yield frozen
    frozen.close()


def test_a_frozen_database_is_given_up(
    server: FrozenServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATABASE_STATEMENT_SECONDS = 0.2
    monkeypatch.setattr(database_patience, "GRACE", 0)
    monkeypatch.setattr(database_patience, "TICK", 0.1)
    wrapper: Any = type("Wrapper", (), {})()
    wrapper.connection = psycopg.connect(f"host=127.0.0.1 port={server.port} user=postgres dbname=postgres")
    database_patience._watch(sender=None, connection=wrapper)
    assert wrapper.connection.execute("SELECT 1").fetchone() == (1,)
    server.freeze()
    with pytest.raises(psycopg.OperationalError):
        wrapper.connection.execute("SELECT 1")
    wrapper.connection.close()
