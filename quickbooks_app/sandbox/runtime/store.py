"""The sandbox's SQLite store: all objects of all companies, tokens and settings."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    realm TEXT NOT NULL,
    entity TEXT NOT NULL,
    id TEXT NOT NULL,
    sync_token INTEGER NOT NULL,
    create_time INTEGER NOT NULL,
    update_time INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL,
    UNIQUE (realm, entity, id)
);
CREATE INDEX IF NOT EXISTS objects_by_create ON objects (realm, entity, deleted, create_time);
CREATE INDEX IF NOT EXISTS objects_by_update ON objects (realm, entity, deleted, update_time);
CREATE INDEX IF NOT EXISTS objects_by_customer
    ON objects (realm, entity, json_extract(body, '$.CustomerRef.value'))
    WHERE json_extract(body, '$.CustomerRef.value') IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_by_number
    ON objects (realm, entity, json_extract(body, '$.DocNumber'))
    WHERE json_extract(body, '$.DocNumber') IS NOT NULL;
CREATE TABLE IF NOT EXISTS unreported (
    realm TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (realm, entity, id)
);
CREATE TABLE IF NOT EXISTS sequences (
    realm TEXT NOT NULL, name TEXT NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (realm, name)
);
CREATE TABLE IF NOT EXISTS replies (
    realm TEXT NOT NULL, request_id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (realm, request_id)
);
CREATE TABLE IF NOT EXISTS files (
    realm TEXT NOT NULL, id TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (realm, id)
);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS grants (
    id INTEGER PRIMARY KEY,
    client_id TEXT NOT NULL,
    realm TEXT NOT NULL,
    scope TEXT NOT NULL,
    email TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    revoked_at INTEGER
);
CREATE TABLE IF NOT EXISTS codes (
    code TEXT PRIMARY KEY,
    grant_id INTEGER NOT NULL REFERENCES grants (id),
    redirect_uri TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
);
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY,
    grant_id INTEGER NOT NULL REFERENCES grants (id),
    kind TEXT NOT NULL CHECK (kind IN ('access', 'refresh')),
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    replaced_at INTEGER
);
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL,
    realm TEXT NOT NULL,
    entity TEXT NOT NULL,
    id TEXT NOT NULL,
    operation TEXT NOT NULL,
    merged_id TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS tokens_by_grant ON tokens (grant_id, kind);
"""

TABLES = ("objects", "unreported", "sequences", "replies", "files", "events", "tokens", "codes", "grants", "settings")

ObjectRow = tuple[str, str, str, int, int, int, int, str]


def _fold_key(text: str) -> str:
    # A sub-customer ("Parent:Job") stands directly after its parent, so the colon sorts before everything.
    return text.casefold().replace(":", "\x00")


def _compare_text(left: str, right: str) -> int:
    one, other = _fold_key(left), _fold_key(right)
    return (one > other) - (one < other)


def _compare_amounts(left: str, right: str) -> int:
    try:
        one, other = Decimal(left), Decimal(right)
    except InvalidOperation:
        return (left > right) - (left < right)
    return (one > other) - (one < other)


def _casefold(text: str | None) -> str | None:
    return None if text is None else text.casefold()


class _AmountSum:
    """An exact SQL sum of amounts: SQLite's own sum() uses floats."""

    def __init__(self) -> None:
        self.total = Decimal(0)

    def step(self, value: str | None) -> None:
        self.total += Decimal(value or 0)

    def finalize(self) -> str:
        return str(self.total)


class Store:
    """One SQLite file, with one connection for each thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        connection = self.connection()
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA)

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        existing: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if existing is not None:
            return existing
        # Autocommit: transactions are begun by hand, so that writers take the lock before they read.
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.create_collation("fold", _compare_text)
        connection.create_collation("amount", _compare_amounts)
        connection.create_function("casefold", 1, _casefold, deterministic=True)
        connection.create_aggregate("amount_sum", 1, _AmountSum)  # type: ignore[arg-type]
        self._local.connection = connection
        self._opened.append(connection)
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction; one writer at a time."""
        connection = self.connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def close(self) -> None:
        """Close every thread's connection. The store cannot be used afterwards."""
        for connection in self._opened:
            connection.close()
        self._opened.clear()
        self._local = threading.local()

    def setting(self, name: str) -> str | None:
        row = self.connection().execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return row["value"] if row else None

    def set_setting(self, *, name: str, value: str) -> None:
        self.connection().execute(
            "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def realms(self) -> list[str]:
        """Return the realm ids of all companies in order of creation."""
        rows = self.connection().execute(
            "SELECT realm FROM objects WHERE entity = 'CompanyInfo' AND deleted = 0 ORDER BY rowid"
        )
        return [row["realm"] for row in rows]

    def insert_objects(self, rows: Iterable[ObjectRow]) -> None:
        """Insert many complete objects at once, for the generator."""
        with self.transaction() as connection:
            connection.executemany("INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def erase(self) -> None:
        """Delete all companies, tokens and settings."""
        with self.transaction() as connection:
            for table in TABLES:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names from TABLES
