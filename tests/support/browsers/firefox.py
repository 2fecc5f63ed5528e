"""A person in Debian's Firefox, which Playwright cannot drive: by tests/browser/firefox/driver.js."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from infactor.users.models import User
from tests.support.processes.client_programs import ROOT, need_installed
from tests.support.scenarios.browser_site import session_cookie

FOLDER = ROOT / "tests" / "browser" / "firefox"


class FirefoxPerson:
    """See Person. Skips the test where Firefox is not installed, but fails it in CI."""

    def __init__(self, address: str) -> None:
        executable = os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")
        if executable is None:
            if os.environ.get("INFACTOR_REQUIRE_BROWSER"):
                pytest.fail("not installed: apt-get install firefox-esr")
            pytest.skip("not run: no Firefox on this machine; install it with: apt-get install firefox-esr")
        need_installed(FOLDER / "node_modules", command="npm ci --prefix tests/browser/firefox")
        self._driver = subprocess.Popen(
            [shutil.which("node") or "node", "driver.js"],
            cwd=FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._address = address
        self._do("start", executable, address)

    def _do(self, what: str, *given: str) -> Any:
        assert self._driver.stdin
        assert self._driver.stdout
        self._driver.stdin.write(json.dumps([what, *given]) + "\n")
        self._driver.stdin.flush()
        line = self._driver.stdout.readline()
        assert line, f"the driver of Firefox has ended at {what} {given}"
        answer: dict[str, Any] = json.loads(line)
        assert "error" not in answer, f"{what} {given}: {answer['error']}"
        return answer["value"]

    @property
    def complaints(self) -> list[str]:
        found: list[str] = self._do("complaints")
        return found

    def sign_in(self, user: User) -> None:
        cookie = session_cookie(user, self._address)
        self._do("signIn", cookie["name"], cookie["value"])

    def open(self, path: str) -> None:
        self._do("open", path)

    def press(self, name: str, *, then: str = "") -> None:
        self._do("press", name)
        if then:
            self.reads(then)

    def fill(self, label: str, text: str) -> None:
        self._do("fill", label, text)

    def choose(self, label: str, option: str) -> None:
        self._do("choose", label, option)

    def tick(self, label: str) -> None:
        self._do("tick", label)

    def reads(self, *texts: str) -> None:
        self._do("reads", *texts)

    def reads_one_of(self, *texts: str) -> str:
        return str(self._do("readsOneOf", *texts))

    @contextmanager
    def window(self, opened_by: str) -> Iterator[None]:
        self._do("window", opened_by)
        yield

    def press_last(self, name: str) -> None:
        self._do("pressLast", name)

    def close(self) -> None:
        if self._driver.poll() is None:
            self._do("close")
        self._driver.communicate(timeout=60)
