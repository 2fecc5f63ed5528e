"""Runs the sandbox as a process, and gives consent on its pages."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from django.http import HttpResponse
from django.test import Client

from quickbooks_app.models import ConsentAttempt
from quickbooks_app.sandbox.data.generate import MAIN_REALM, SECOND_REALM
from tests.support.processes.ports import free_port

__all__ = [
    "MAIN_REALM",
    "SECOND_REALM",
    "Company",
    "assert_leaks_nothing",
    "outcome_of",
    "parts_of",
    "serve",
    "set_out",
]
ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Company:
    """A running sandbox."""

    port: int

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def consent(self, url: str, *, decision: str = "connect", realm: str = MAIN_REALM) -> str:
        """Sign in at `url`, decide, and return the address that the browser is sent back to."""
        assert url.startswith(f"{self.base}/connect/oauth2?")
        query = urlsplit(url).query
        with requests.Session() as person:
            assert person.get(url, timeout=10).status_code == 200
            signed_in = {"email": "rosa@larkspurcoffee.example", "password": "larkspur"}
            person.post(f"{self.base}/connect/oauth2/sign-in?{query}", data=signed_in, timeout=10)
            answer = person.post(
                f"{self.base}/connect/oauth2/decide?{query}",
                data={"decision": decision, "realm": realm},
                allow_redirects=False,
                timeout=10,
            )
        assert answer.status_code == 302
        back = answer.headers["Location"]
        assert back.startswith("http://localhost:3000/quickbook/connect?")
        return back.removeprefix("http://localhost:3000")

    def switch(self, kind: str, **more: str) -> None:
        """Switch a fault on."""
        self._control("faults", kind=kind, **more)

    def well(self) -> None:
        """Switch all faults off."""
        self._control("faults", action="clear")

    def rule(self, name: str, *, on: bool) -> None:
        """Switch one of QuickBooks' own validation rules on or off."""
        self._control("rules", name=name, **({"on": "on"} if on else {}))

    def end_tokens(self, action: str) -> None:
        """`expire` every access token, or `disconnect` every app."""
        self._control("tokens", action=action)

    def state(self) -> dict[str, Any]:
        """The state that the sandbox reports of itself."""
        found: dict[str, Any] = requests.get(f"{self.base}/control/state", timeout=10).json()
        return found

    def calls_since(self, total: int) -> list[str]:
        """The paths of the calls after the first `total`, oldest first."""
        state = self.state()
        return [call["path"] for call in state["calls"][: state["calls_total"] - total]][::-1]

    def edit(self, realm: str, token: str, entity: str, body: dict[str, Any], **query: str) -> dict[str, Any]:
        """Write an object, as an app with `token` would."""
        answer = requests.post(
            f"{self.base}/v3/company/{realm}/{entity.lower()}",
            json=body,
            params=query,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=10,
        )
        assert answer.status_code == 200, answer.text
        written: dict[str, Any] = answer.json()[entity]
        return written

    def _control(self, what: str, **form: str) -> None:
        requests.post(f"{self.base}/control/{what}", data=form, timeout=10).raise_for_status()


def parts_of(address: str) -> dict[str, str]:
    """The query parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def set_out(member: Client, window: str = "popup") -> str:
    """Start the consent flow, and return the address of the consent page."""
    answer = member.post("/quickbook/authorize", {"window": window})
    assert answer.status_code == 302
    return str(answer["Location"])


def assert_leaks_nothing(answer: HttpResponse) -> None:
    """Assert a 302 without body, referrer or caching, whose target repeats nothing of the address."""
    assert answer.status_code == 302
    assert answer.content == b""
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    target = urlsplit(answer["Location"])
    assert (target.scheme, target.netloc, target.path) == ("", "", "/quickbook/connected")
    assert set(parts_of(answer["Location"])) <= {"attempt", "outcome"}


def outcome_of(answer: HttpResponse) -> str:
    assert_leaks_nothing(answer)
    return ConsentAttempt.objects.get(public_id=parts_of(answer["Location"])["attempt"]).outcome


@contextmanager
def serve(folder: Path, *, app_port: int = 3000) -> Iterator[Company]:
    """Run a sandbox with its seed companies until the block ends. It sends people back to infactor on `app_port`."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QUICKBOOKS", "SANDBOX"))}
    with subprocess.Popen(
        [sys.executable, "-m", "quickbooks_app.sandbox", "serve", "--port", str(port)],
        cwd=ROOT,
        env={**kept, "VAR_DIR": str(folder), "PORT": str(app_port)},
        stdout=subprocess.DEVNULL,
    ) as process:
        company = Company(port)
        try:
            for _ in range(400):
                assert process.poll() is None, "the sandbox does not start"
                try:
                    company.state()
                    break
                except requests.ConnectionError:
                    time.sleep(0.05)
            yield company
        finally:
            process.terminate()
            process.wait(timeout=60)
