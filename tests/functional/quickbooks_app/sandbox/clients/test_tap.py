"""tap-quickbooks from PyPI works unchanged against the sandbox: every stream it knows has records."""

import json
import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from quickbooks_app.sandbox.runtime.entities import ENTITIES
from tests.functional.quickbooks_app.sandbox.objects.bodies import BODIES, filled
from tests.support.processes.client_programs import TAP_FOLDER, TAP_PYTHON, need_installed
from tests.support.processes.sandbox_server import Server, run, served


def write_one_of_each(server: Server, access: dict[str, str]) -> None:
    """Create every object that the API can create, and delete one, so that no stream is empty."""
    headers = {"Authorization": f"Bearer {access['access_token']}", "Accept": "application/json"}
    base = f"{server.base}/v3/company/{access['realm_id']}"
    ids: dict[str, str] = {}
    for name, body in BODIES.items():
        entity = ENTITIES[name]
        answer = requests.post(f"{base}/{entity.url}", json=filled(body, ids), headers=headers, timeout=20)
        ids[name] = answer.json()[entity.key]["Id"]
    gone = {"Id": ids["Transfer"], "SyncToken": "0"}
    requests.post(f"{base}/transfer?operation=delete", json=gone, headers=headers, timeout=20)
    requests.post(f"{base}/transfer", json=BODIES["Transfer"], headers=headers, timeout=20)


def tap(server: Server, *arguments: str) -> str:
    environment = {"SANDBOX": server.base, "OAUTHLIB_INSECURE_TRANSPORT": "1", "PATH": ""}
    command = [str(TAP_PYTHON), "run.py", *arguments]
    done = subprocess.run(
        command, cwd=TAP_FOLDER, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def server(tmp_path: Path) -> Any:
    need_installed(TAP_PYTHON, command="tests/clients/tap/requirements.txt in a virtual environment .venv-tap")
    with served(tmp_path) as running:
        yield running


def test_tap_quickbooks_syncs_every_stream(server: Server, tmp_path: Path) -> None:
    access = json.loads(run(server.var_dir, "credentials").stdout)
    write_one_of_each(server, access)
    keys = ("realm_id", "client_id", "client_secret", "refresh_token")
    start = (datetime.now(UTC) - timedelta(days=3)).strftime("%Y-%m-%dT00:00:00Z")
    config = {**{key: access[key] for key in keys}, "start_date": start, "user_agent": "tap", "sandbox": "true"}
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config))
    catalog = json.loads(tap(server, "--config", str(file), "--discover"))
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = True
    chosen = tmp_path / "catalog.json"
    chosen.write_text(json.dumps(catalog))
    messages = [json.loads(line) for line in tap(server, "--config", str(file), "--catalog", str(chosen)).splitlines()]
    records = Counter(message["stream"] for message in messages if message["type"] == "RECORD")
    streams = {stream["tap_stream_id"] for stream in catalog["streams"]}
    assert len(streams) >= 30
    # What nobody can create was not touched within these days.
    assert streams - set(records) <= {"customer_types", "tax_codes", "tax_rates"}
    assert json.loads(file.read_text())["access_token"] != access["access_token"]  # it refreshed by itself
