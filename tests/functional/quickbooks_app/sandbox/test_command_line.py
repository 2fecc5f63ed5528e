"""The sandbox's commands: serve, credentials, generate and reset."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from quickbooks_app.sandbox.runtime.store import Store
from tests.functional.quickbooks_app.sandbox.conftest import REALM
from tests.support.processes.sandbox_server import Server, run, served


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("commands")) as running:
        yield running


def test_credentials_open_the_books_without_a_browser(server: Server) -> None:
    given = json.loads(run(server.var_dir, "credentials").stdout)
    assert sorted(given) == [
        "access_token",
        "api_base",
        "client_id",
        "client_secret",
        "discovery_url",
        "realm_id",
        "refresh_token",
    ]
    assert given["api_base"] == server.base
    headers = {"Authorization": f"Bearer {given['access_token']}", "Accept": "application/json"}
    answer = requests.get(
        f"{given['api_base']}/v3/company/{given['realm_id']}/preferences", headers=headers, timeout=10
    )
    assert answer.status_code == 200


def test_a_port_that_is_taken_is_said_in_one_sentence(server: Server, tmp_path: Path) -> None:
    port = server.base.rpartition(":")[2]
    outcome = run(tmp_path, "serve", "--port", port)
    assert outcome.returncode == 1
    assert outcome.stderr == f"Port {port} is in use by another program; choose another with --port.\n"
    assert outcome.stdout == ""


def test_a_restart_keeps_the_books_and_the_connections(tmp_path: Path) -> None:
    with served(tmp_path) as first:
        given = json.loads(run(tmp_path, "credentials").stdout)
        headers = {"Authorization": f"Bearer {given['access_token']}", "Accept": "application/json"}
        company = f"/v3/company/{given['realm_id']}"
        made = requests.post(
            f"{first.base}{company}/customer", headers=headers, json={"DisplayName": "Stays"}, timeout=10
        )
        id = made.json()["Customer"]["Id"]
    with served(tmp_path) as second:
        read = requests.get(f"{second.base}{company}/customer/{id}", headers=headers, timeout=10)
        assert read.json()["Customer"] == made.json()["Customer"]


def test_reset_begins_anew_and_generate_adds(tmp_path: Path) -> None:
    assert run(tmp_path, "generate", "--invoices", "300").returncode == 0
    assert json.loads(run(tmp_path, "credentials").stdout)["realm_id"] == REALM
    assert run(tmp_path, "reset").returncode == 0
    store = Store(tmp_path / "sandbox" / "books.sqlite3")
    count = store.connection().execute("SELECT count(*) FROM objects WHERE entity = 'Invoice'").fetchone()[0]
    tokens = store.connection().execute("SELECT count(*) FROM tokens").fetchone()[0]
    store.close()
    assert 60 <= count < 100
    assert tokens == 0
