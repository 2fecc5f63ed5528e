"""Clients of QuickBooks that are not packages of this project's environment: from npm, and one that needs its own."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NODE_FOLDER = ROOT / "tests" / "clients" / "node"
TAP_FOLDER = ROOT / "tests" / "clients" / "tap"
TAP_PYTHON = ROOT / ".venv-tap" / "bin" / "python"


def need_installed(path: Path, *, command: str) -> None:
    """Skip the test if `path` is missing, and say what installs it; in CI that is a failure."""
    if path.exists():
        return
    message = f"not installed: {command}"
    if os.environ.get("INFACTOR_REQUIRE_SERVICES") == "1":
        pytest.fail(message)
    pytest.skip(message)
