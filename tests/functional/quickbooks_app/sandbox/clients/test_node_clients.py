"""node-quickbooks and intuit-oauth from npm work unchanged against the sandbox, with every object they know."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from quickbooks_app.sandbox.runtime.entities import ENTITIES
from tests.functional.quickbooks_app.sandbox.conftest import REALM, REDIRECT
from tests.functional.quickbooks_app.sandbox.objects.bodies import BODIES
from tests.support.processes.client_programs import NODE_FOLDER, need_installed
from tests.support.processes.programs import need
from tests.support.processes.sandbox_server import served

# What node-quickbooks has no function for.
UNKNOWN = {"Budget", "CompanyCurrency", "CreditCardPayment", "InventoryAdjustment"}
WITHOUT_VOID = {"SalesReceipt", "BillPayment"}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the script of both clients reports."""
    need("node", package="nodejs")
    need_installed(NODE_FOLDER / "node_modules", command=f"npm ci --prefix {NODE_FOLDER.name}")
    folder = tmp_path_factory.mktemp("node")
    with served(folder) as server:
        given = {
            "base": server.base,
            "realm": REALM,
            "redirect": REDIRECT,
            "clientId": "infactor-local",
            "clientSecret": "infactor-local-secret",
            "bodies": BODIES,
            "operations": {name: ENTITIES[name].operations for name in BODIES},
        }
        file = Path(folder) / "input.json"
        file.write_text(json.dumps(given))
        run = subprocess.run(
            ["node", "run.js", str(file)], cwd=NODE_FOLDER, capture_output=True, text=True, timeout=120, check=False
        )
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_intuit_oauth_connects_checks_the_id_token_refreshes_and_revokes(done: dict[str, Any]) -> None:
    assert done["oauth"] == {
        "idToken": True,
        "email": "a@b.example",
        "refreshed": True,
        "company": "Larkspur Coffee Roasters",
    }
    assert done["revoked"]


def test_node_quickbooks_works_with_every_object_it_knows(done: dict[str, Any]) -> None:
    expected = {}
    for name in BODIES:
        steps = [] if name in UNKNOWN else ["create", "read", "update", "query"]
        if steps and ENTITIES[name].can("V") and name not in WITHOUT_VOID:
            steps.append("void")
        if steps and ENTITIES[name].can("D"):
            steps.append("delete")
        expected[name] = steps
    expected["TaxAgency"].remove("update")  # which QuickBooks does not have either
    assert done["objects"] == expected


def test_node_quickbooks_attaches_prints_and_sends(done: dict[str, Any]) -> None:
    assert done["attached"]
    assert done["pdf"] == dict.fromkeys(("Invoice", "Estimate", "CreditMemo", "SalesReceipt"), "%PDF- EmailSent")
    assert done["sentOrder"] == "EmailSent"


def test_node_quickbooks_runs_batches_hears_of_changes_and_changes_the_company(done: dict[str, Any]) -> None:
    assert done["batch"] == ["Customer", "6240", "QueryResponse"]
    assert done["changes"] == ["Invoice", "Customer", "Bill"]
    assert (done["preferences"], done["company"], done["rate"], done["counted"]) == (False, "Node, LLC", "EUR", True)


def test_node_quickbooks_reads_every_report(done: dict[str, Any]) -> None:
    refused = {name: answer for name, answer in done["reports"].items() if answer is not True}
    # Of France, and a name that QuickBooks does not have either.
    assert refused == {"reportTrialBalanceFR": "5020"}
