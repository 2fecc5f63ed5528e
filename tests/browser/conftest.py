"""The system's Chromium for every browser test; where there is none, the tests are reported as not run."""

import os
import shutil
from typing import Any

import pytest

INSTALL = "apt-get install chromium"
# Chromium finds no network here but this machine; the background services would only try and fail.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """Where the system's Chromium is: CHROMIUM in the environment, else Debian's."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if chromium() is None and not os.environ.get("INFACTOR_REQUIRE_BROWSER"):
        not_run = pytest.mark.skip(reason=f"not run: no Chromium on this machine; install it with: {INSTALL}")
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(not_run)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": chromium() or "no Chromium", "args": ARGUMENTS}
