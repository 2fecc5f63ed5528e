"""Locked packages are audited, their licences are listed and fit, and a bill of materials can be made."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import licences

ROOT = Path(__file__).resolve().parents[2]
# Licences that let a product with its own licence import the package unchanged.
FITTING = re.compile(
    r"MIT|BSD|Apache|MPL|Mozilla|Python Software Foundation|PSF|ISC|Zope|LGPL|Lesser General Public|Unlicense",
    re.IGNORECASE,
)


def audit(answer: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ".ci/audit", sys.executable, "-c", f"print({answer!r})"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)


def test_a_known_vulnerability_fails_the_check_and_is_named() -> None:
    bad = {"name": "requests", "version": "2.0", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]}
    done = audit(json.dumps({"dependencies": [bad, {"name": "django", "version": "5", "vulns": []}]}))
    assert done.returncode == 1
    assert "requests 2.0: CVE-1, fixed in 2.1" in done.stdout
    assert "Audited: 2 of 2 locked packages; with known vulnerabilities: 1." in done.stdout


def test_packages_that_could_not_be_looked_up_are_said_and_do_not_fail_it() -> None:
    skipped = {"name": "requests", "skip_reason": "not found"}
    done = audit(json.dumps({"dependencies": [skipped, {"name": "django", "version": "5", "vulns": []}]}))
    assert done.returncode == 0
    assert "NOT AUDITED, no advisories could be reached: requests." in done.stdout


@pytest.mark.parametrize("answer", ["", "<html>", "[]", "{}"])
def test_an_audit_that_gave_no_answer_is_said_and_does_not_fail_it(answer: str) -> None:
    done = audit(answer)
    assert done.returncode == 0
    assert done.stdout.startswith("NOT AUDITED: pip-audit could not look up advisories")


def test_the_page_of_licences_lists_every_locked_package() -> None:
    assert (ROOT / "docs" / "security" / "licences.md").read_text() == licences.page(), "run `make licences`"


def test_no_licence_asks_to_publish_our_own_code() -> None:
    odd = {name: licences.licence(name) for name in licences.packages() if not FITTING.search(licences.licence(name))}
    assert odd == {}


def test_the_bill_of_materials_names_every_locked_package(tmp_path: Path) -> None:
    file = tmp_path / "sbom.json"
    tool = Path(sys.executable).with_name("cyclonedx-py")
    subprocess.run(
        [tool, "requirements", "requirements.txt", "--of", "JSON", "-o", file], cwd=ROOT, check=True, timeout=120
    )
    components = {component["name"]: component for component in json.loads(file.read_text())["components"]}
    assert set(licences.packages()) <= set(components)
    assert components["cryptography"]["purl"].startswith("pkg:pypi/cryptography@")
