"""Restores a backup into an empty PostgreSQL and proves it: rows by table, migrations, the ledger, and the keys.

Counts and dump come from one snapshot, so the installation may go on working. The copy gets no worker and no beat: they
would refresh the tokens of the real installation.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from infactor.embedded_postgres import DatabaseUnavailable, postgres, program

Counts = dict[str, int]
Report = Callable[[str], Any]

ROOT = Path(__file__).resolve().parents[2]
TLS = {"sslmode", "sslrootcert", "sslcert", "sslkey"}
TABLES_SQL = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname
"""


class DrillFailed(Exception):
    """The backup is not proved; the message says which step failed, and why."""


@dataclass(frozen=True)
class DrillResult:
    """The tables and rows that were restored, and whether they were compared with those of the installation."""

    tables: int
    rows: int
    is_compared: bool


def run(*, database: Mapping[str, Any], dump: Path | None, into: str, report: Report) -> DrillResult:
    """Restore `dump`, or a new dump of `database`, and prove the copy. Raises DrillFailed.

    `database` is an entry of Django's DATABASES. `into` is the URL of an empty database; if it is empty, an embedded
    PostgreSQL runs for the drill and is removed afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="infactor-drill-") as name:
        folder = Path(name)
        expected: Counts | None = None
        if dump is None:
            dump = folder / "dump" / "infactor.dump"
            # The embedded server, started as root, makes the folder above readable for its own user.
            dump.parent.mkdir(mode=0o700)
            expected = _dump(database, to=dump)
            report(f"Dumped {len(expected)} tables, {dump.stat().st_size:,} bytes.")
        with _target(into, folder=folder) as url:
            _restore(dump, url=url)
            restored = _rows_in(url)
            report(f"Restored {len(restored)} tables, {sum(restored.values()):,} rows.")
            if expected is not None:
                _compare(expected, restored)
                report("Every table has as many rows as in the installation.")
            for command in (["migrate", "--check"], ["verify_ledger"], ["check_keys"]):
                report(_manage(command, url=url) or "The tables fit the code: no migration is missing.")
    return DrillResult(len(restored), sum(restored.values()), is_compared=expected is not None)


def _dump(database: Mapping[str, Any], *, to: Path) -> Counts:
    """Write a dump of `database` and return its rows by table, both of one moment."""
    environment = _libpq_environment(database)
    with psycopg.connect(_conninfo(environment)) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        options = [f"--snapshot={snapshot[0] if snapshot else ''}", "--format=custom", "--no-owner", "--no-acl"]
        with to.open("wb") as file:
            _run([_program("pg_dump"), *options], step="The dump", stdout=file, env={**os.environ, **environment})
        return _count_rows(connection)


@contextmanager
def _target(into: str, *, folder: Path) -> Iterator[str]:
    if into:
        with psycopg.connect(into) as connection:
            if connection.execute(TABLES_SQL).fetchall():
                raise DrillFailed("The database to restore into is not empty. Create one for the drill: createdb.")
        yield into
        return
    try:
        with postgres(data=folder / "postgres", database="restored") as url:
            yield url
    except DatabaseUnavailable as error:
        raise DrillFailed(f"{error} Or name an empty database: --into.") from error


def _restore(dump: Path, *, url: str) -> None:
    options = ["--no-owner", "--no-acl", "--exit-on-error", f"--dbname={url}"]
    _run([_program("pg_restore"), *options, str(dump)], step="The restore", stdout=subprocess.DEVNULL, env=os.environ)


def _rows_in(url: str) -> Counts:
    with psycopg.connect(url) as connection:
        return _count_rows(connection)


def _count_rows(connection: psycopg.Connection[Any]) -> Counts:
    tables = [table for (table,) in connection.execute(TABLES_SQL).fetchall()]
    counts: Counts = {}
    for table in tables:
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        counts[table] = row[0] if row else 0
    return counts


def _compare(expected: Counts, restored: Counts) -> None:
    wrong = [
        f"{table}: {restored.get(table, 'no table')} instead of {expected.get(table, 'no table')}"
        for table in sorted(expected.keys() | restored.keys())
        if expected.get(table) != restored.get(table)
    ]
    if wrong:
        raise DrillFailed("Rows are missing or too many. " + "; ".join(wrong))


def _manage(command: list[str], *, url: str) -> str:
    """The output of a command of manage.py on the restored copy, in a process of its own."""
    done = _run(
        [sys.executable, "-W", "ignore", "manage.py", *command],
        step=f"`{' '.join(command)}` on the copy",
        stdout=subprocess.PIPE,
        env={**os.environ, "DATABASE_URL": url},
    )
    return done.stdout.decode().strip()


def _run(command: list[str], *, step: str, stdout: Any, env: Mapping[str, str]) -> "subprocess.CompletedProcess[bytes]":
    done = subprocess.run(  # noqa: S603  PostgreSQL's own programs and manage.py, with no word of a stranger
        command, cwd=ROOT, stdout=stdout, stderr=subprocess.PIPE, env=env, check=False
    )
    if done.returncode:
        raise DrillFailed(f"{step} failed. {done.stderr.decode(errors='replace').strip()[-2000:]}")
    return done


def _program(name: str) -> str:
    found = program(name)
    if found is None:
        raise DrillFailed(f"{name} was not found. Install PostgreSQL's client programs.")
    return found


def _libpq_environment(database: Mapping[str, Any]) -> dict[str, str]:
    """PostgreSQL's variables for `database`. The password is not in a command line, which every user may read."""
    names = {"PGDATABASE": "NAME", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGHOST": "HOST", "PGPORT": "PORT"}
    options = {f"PG{name.upper()}": str(value) for name, value in database.get("OPTIONS", {}).items() if name in TLS}
    host = {"PGHOST": str(database["OPTIONS"]["host"])} if "host" in database.get("OPTIONS", {}) else {}
    return {**{key: str(database[name]) for key, name in names.items() if database.get(name)}, **options, **host}


def _conninfo(environment: Mapping[str, str]) -> str:
    keys = {"PGDATABASE": "dbname", "PGUSER": "user", "PGPASSWORD": "password", "PGHOST": "host", "PGPORT": "port"}
    named = {keys.get(name, name[2:].lower()): value for name, value in environment.items()}
    return psycopg.conninfo.make_conninfo(**named)
