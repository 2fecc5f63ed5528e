"""The QuickBooks company of this machine, as a program meets it: it opens the demo company and consents for it."""

import time
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import requests

TIMEOUT = 20  # seconds for one answer
PATIENCE = 40.0  # seconds until it must answer: it starts beside the demo
PAUSE = 0.2
SIGN_IN = {"email": "office@harborstreetprint.example", "password": "harbor"}


class CompanyUnavailable(Exception):
    """The QuickBooks company of this machine does not do what the demo needs. The message says what."""


class LocalCompany(NamedTuple):
    """One company at `origin`."""

    origin: str
    realm: str

    def exists(self) -> bool:
        """Whether it is there. Waits until QuickBooks answers at all. Raises CompanyUnavailable."""
        give_up_at = time.monotonic() + PATIENCE
        while True:
            try:
                return bool(requests.get(self._address, timeout=TIMEOUT).ok)
            except requests.RequestException as error:
                if time.monotonic() > give_up_at:
                    raise CompanyUnavailable(f"QuickBooks does not answer at {self.origin}.") from error
                time.sleep(PAUSE)

    def write(self, history: bytes) -> None:
        """Write the company with its history, in place of the one that was there. Raises CompanyUnavailable."""
        answer = requests.put(self._address, data=history, timeout=TIMEOUT)
        if answer.status_code != requests.codes.ok:
            raise CompanyUnavailable(f"QuickBooks did not take the demo company: {answer.text[:300]}")

    def consent(self, address: str) -> dict[str, str]:
        """Sign in on the consent page at `address`, choose the company and press Connect, as a person does.

        Returns the parameters of the address that the browser is sent back to. Raises CompanyUnavailable.
        """
        query = urlsplit(address).query
        with requests.Session() as browser:
            browser.get(address, timeout=TIMEOUT)
            browser.post(f"{self.origin}/connect/oauth2/sign-in?{query}", data=SIGN_IN, timeout=TIMEOUT)
            answer = browser.post(
                f"{self.origin}/connect/oauth2/decide?{query}",
                data={"decision": "connect", "realm": self.realm},
                allow_redirects=False,
                timeout=TIMEOUT,
            )
        returned = {
            name: values[0] for name, values in parse_qs(urlsplit(answer.headers.get("Location", "")).query).items()
        }
        if "code" not in returned:
            raise CompanyUnavailable("QuickBooks gave no code for the demo company.")
        return returned

    @property
    def _address(self) -> str:
        return f"{self.origin}/control/companies/{self.realm}"
