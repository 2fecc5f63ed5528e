"""`make run` reports each problem of the machine in one clear sentence."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from infactor.devserver.__main__ import error_line
from infactor.embedded_postgres import postgres
from tests.support.processes.ports import free_port

ROOT = Path(__file__).resolve().parents[3]


def launch(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    }
    ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    return subprocess.run(
        [sys.executable, "-m", "infactor.devserver", *(arguments or ["run"])],
        cwd=ROOT,
        env={**clean, "VAR_DIR": str(folder), **ports, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


@pytest.mark.parametrize("variable", ["PORT", "SANDBOX_PORT"])
def test_a_taken_port_is_named_with_the_way_round_it(data_folder: Path, taken_port: int, variable: str) -> None:
    stopped = launch(data_folder, **{variable: str(taken_port)})
    assert stopped.returncode == 1
    assert f"Port {taken_port} is taken by another program." in stopped.stderr
    assert f"{variable}={taken_port + 100} make run" in stopped.stderr
    assert "Traceback" not in stopped.stderr


@pytest.mark.parametrize("given", ["three", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(data_folder: Path, given: str) -> None:
    stopped = launch(data_folder, PORT=given)
    assert stopped.returncode == 1
    assert f"PORT must be a port number, not '{given}'." in stopped.stderr


def test_one_port_for_two_processes_is_refused_at_once(data_folder: Path) -> None:
    port = str(free_port())
    stopped = launch(data_folder, PORT=port, SANDBOX_PORT=port)
    assert stopped.returncode == 1
    assert f"PORT and SANDBOX_PORT are both {port}. Choose two different ports." in stopped.stderr
    assert stopped.stdout == ""


def test_a_data_folder_that_cannot_be_made_is_one_sentence(data_folder: Path) -> None:
    (data_folder / "file").write_text("in the way")
    stopped = launch(data_folder / "file" / "var")
    assert stopped.returncode == 1
    assert f"The data folder {data_folder / 'file' / 'var'} cannot be used: Not a directory." in stopped.stderr
    assert "Traceback" not in stopped.stderr


def test_a_database_that_does_not_answer_is_said_to_be_so(data_folder: Path) -> None:
    stopped = launch(data_folder, DATABASE_URL=f"postgres://nobody@127.0.0.1:{free_port()}/none")
    assert stopped.returncode == 1
    assert "The database of DATABASE_URL does not answer." in stopped.stderr
    assert "Traceback" not in stopped.stderr


def test_a_data_folder_that_postgresql_cannot_use_is_named(data_folder: Path) -> None:
    broken = data_folder / "postgres"
    broken.mkdir()
    (broken / "PG_VERSION").write_text("9\n")
    stopped = launch(data_folder)
    assert stopped.returncode == 1
    assert f"PostgreSQL did not start on {broken}" in stopped.stderr
    assert "Traceback" not in stopped.stderr


def test_a_data_folder_in_use_by_another_copy_is_refused(data_folder: Path) -> None:
    import fcntl

    with (data_folder / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stopped = launch(data_folder)
    assert stopped.returncode == 1
    assert f"Another infactor runs on the data folder {data_folder}." in stopped.stderr


def test_intuits_sandbox_without_keys_is_refused_by_their_names(data_folder: Path) -> None:
    stopped = launch(
        data_folder, QUICKBOOKS_ENVIRONMENT="sandbox", QUICKBOOKS_CLIENT_ID="", QUICKBOOKS_CLIENT_SECRET=""
    )
    assert stopped.returncode == 1
    assert "infactor did not start. QUICKBOOKS_CLIENT_ID, QUICKBOOKS_CLIENT_SECRET must be set" in stopped.stderr
    assert "Traceback" not in stopped.stderr


def test_an_environment_that_intuit_does_not_have_is_refused(data_folder: Path) -> None:
    stopped = launch(data_folder, QUICKBOOKS_ENVIRONMENT="prod")
    assert stopped.returncode == 1
    assert "QUICKBOOKS_ENVIRONMENT is 'prod'; it is one of local, sandbox, production." in stopped.stderr


def test_a_call_that_is_none_says_how_it_is_called(data_folder: Path) -> None:
    stopped = launch(data_folder, "dance")
    assert stopped.returncode == 1
    assert "Usage:" in stopped.stderr


def test_an_error_that_goes_on_for_lines_is_named_by_the_one_that_says_it() -> None:
    refused = """Traceback (most recent call last):
  File "manage.py", line 9, in <module>
django.db.utils.ProgrammingError: column "revision" does not exist
LINE 1: SELECT "revision" FROM "invoices_companyfile"
               ^
"""
    assert error_line(refused) == 'django.db.utils.ProgrammingError: column "revision" does not exist'
    assert error_line("Killed") == "Killed"


def test_data_of_an_earlier_release_is_refused_in_one_sentence(data_folder: Path) -> None:
    with postgres(data=data_folder / "postgres") as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE django_migrations (id bigserial, app text, name text, applied timestamptz)")
        connection.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES "
            "('financing', '0001_initial', now()), ('financing', '0003_first_terms', now())"
        )
    stopped = launch(data_folder)
    assert stopped.returncode == 1
    assert stopped.stderr.strip() == (
        f"infactor did not start. {data_folder} holds the data of an earlier release, which cannot be upgraded: "
        "delete that folder, then start again."
    )


def test_it_says_what_it_does_while_it_starts(data_folder: Path) -> None:
    stopped = launch(data_folder, QUICKBOOKS_ENVIRONMENT="prod")
    assert stopped.stdout.splitlines() == ["Starting PostgreSQL…"]
