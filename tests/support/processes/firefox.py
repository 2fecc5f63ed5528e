"""Runs the journey of tests/browser/firefox in Debian's Firefox, which Playwright cannot drive."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes.client_programs import ROOT, need_installed

FOLDER = ROOT / "tests" / "browser" / "firefox"


def journey(**given: str) -> dict[str, Any]:
    """What the journey has done and what the browser complained of. Skips without Firefox, but fails in CI."""
    executable = os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")
    if executable is None:
        if os.environ.get("INFACTOR_REQUIRE_BROWSER"):
            pytest.fail("not installed: apt-get install firefox-esr")
        pytest.skip("not run: no Firefox on this machine; install it with: apt-get install firefox-esr")
    need_installed(FOLDER / "node_modules", command="npm ci --prefix tests/browser/firefox")
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "journey.json"
        told.write_text(json.dumps({"executable": executable, **given}))
        ran = subprocess.run(
            [shutil.which("node") or "node", "journey.js", str(told)],
            cwd=FOLDER,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,  # a slow machine is no failure
        )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found
