"""Programs that tests need and that no package of Python brings."""

import os
import shutil

import pytest


def find_program(program: str) -> str | None:
    """Its path. Debian keeps servers in a folder that is not on everybody's PATH."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")


def chromium() -> str | None:
    """The path of the system's Chromium: CHROMIUM in the environment, else Debian's."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def need(program: str, *, package: str) -> None:
    """Skip the test if `program` is missing, and name the package; in CI that is a failure."""
    if find_program(program):
        return
    message = f"{program} is not installed: apt-get install {package}"
    if os.environ.get("INFACTOR_REQUIRE_SERVICES") == "1":
        pytest.fail(message)
    pytest.skip(message)
