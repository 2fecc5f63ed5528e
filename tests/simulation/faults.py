"""What may go wrong with a call: single faults, outages, and responses that are lost or damaged on their way."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from urllib.parse import unquote_plus

import requests

from quickbooks_app.sandbox.runtime.faults import Fault
from tests.simulation.environment import Environment
from tests.simulation.network import build_response

# How often each goes wrong beside the others.
FAULTS = {
    "throttled": 3,
    "throttled for seconds": 2,
    "server_error": 3,
    "unavailable": 4,
    "html": 2,
    "outage_as_400": 2,
    "system_fault_as_400": 2,
    "forbidden": 1,
    "fault_in_slot": 2,
    "expired_token": 3,
    "no answer": 4,
    "lost answer": 3,
    "cut off": 3,
    "again": 3,
}
# What only writes meet. The sandbox plays all of them; the business faults hit a single item of a batch.
WRITE_FAULTS = {
    "stale_object": 4,
    "duplicate_name": 1,
    "not_found": 1,
    "business_rule": 1,
    "period_closed": 1,
    "invalid_reference": 1,
    "bad_gateway": 1,
    "gateway_timeout": 1,
    "wrong_cluster": 1,
    "authorization_failed": 1,
    "no_access": 0.5,
    "fault_as_200": 1,
    "answer_lost": 4,
    "lost answer": 4,
    "no answer": 2,
    "cut off": 3,
}
BUSINESS_FAULTS = {"stale_object", "duplicate_name", "not_found", "business_rule", "period_closed", "invalid_reference"}
REQUEST_ID = re.compile(r"&requestid=\w+")  # another one each time, whatever the seed
OUTAGES = ("outage_as_400", "system_fault_as_400", "server_error", "unavailable")
FAULT_KINDS = {"throttled for seconds": "throttled"}
# Those that the sandbox plays, for one call.
SWITCHED = frozenset({*FAULTS, *WRITE_FAULTS}) - {
    "throttled for seconds",
    "no answer",
    "lost answer",
    "cut off",
    "again",
}


class UnreliableNetwork:
    """The network between infactor and QuickBooks. Every call takes time, in which other workers run."""

    def __init__(self, *, stage: Environment, chance: Random, log: Callable[[str], None]) -> None:
        self._stage, self._clock, self._chance, self._log = stage, stage.clock, chance, log
        self.is_well = False
        self._rate = chance.choice((0.0, 0.03, 0.1, 0.25))  # of calls that go wrong
        self._rate_of_writes = chance.choice((0.0, 0.1, 0.3, 0.6))  # on top of that
        self._outage = ""
        self._outage_until: datetime | None = None
        self._pages: dict[str, bytes] = {}

    def begin_outage(self) -> None:
        """Let every call fail alike for a while."""
        self._outage = self._chance.choice(OUTAGES)
        self._outage_until = self._clock() + timedelta(minutes=self._chance.choice((1, 5, 20)))
        self._log(f"an outage of {self._outage} until {self._outage_until:%H:%M:%S}")

    def intercept(self, request: requests.PreparedRequest, carry: Callable[[], requests.Response]) -> requests.Response:
        """Carry a call and its response: other workers may run meanwhile, and either may fail."""
        found = self._send(request, carry)
        self._stage.pause()
        self._clock.advance(milliseconds=self._chance.randint(40, 900))
        return found

    def _send(self, request: requests.PreparedRequest, carry: Callable[[], requests.Response]) -> requests.Response:
        self._stage.pause()
        self._log(f"{request.method} {REQUEST_ID.sub('', unquote_plus(request.path_url)[28:])}")
        self._clock.advance(milliseconds=self._chance.randint(40, 900))
        is_write = request.method == "POST" and "/v3/company/" in str(request.url)
        is_outage = self._outage_until is not None and self._clock() < self._outage_until
        if self.is_well:
            return carry()
        faults = WRITE_FAULTS if is_write and self._chance.random() < self._rate_of_writes else FAULTS
        if not (is_outage or faults is WRITE_FAULTS or self._chance.random() < self._rate):
            return carry()
        kind = self._outage if is_outage else self._chance.choices(list(faults), weights=list(faults.values()))[0]
        self._log(f"  goes wrong: {kind}")
        if kind == "no answer":
            raise requests.ReadTimeout("nobody there")
        if kind == "throttled for seconds":
            self._switch_on(Fault(kind="throttled", remaining=1, retry_after=self._chance.randint(1, 40)))
        elif kind in SWITCHED:
            self._switch_on(Fault(kind=kind, remaining=1, xml=self._chance.random() < 0.3))
        found = carry()
        self._stage.faults.switch_off(FAULT_KINDS.get(kind, kind))  # where the call did not meet it
        if kind == "lost answer":
            raise requests.ConnectionError("cut off on the way back")
        if kind == "cut off":
            return _with_body(request, found, found.content[: self._chance.randint(0, len(found.content))])
        return _with_body(request, found, self._repeat_full_page(request, found.content)) if kind == "again" else found

    def _switch_on(self, fault: Fault) -> None:
        if fault.kind in BUSINESS_FAULTS:
            fault.target = "writes"
        elif fault.kind in WRITE_FAULTS or fault.kind in ("expired_token", "forbidden", "fault_in_slot"):
            fault.target = "api"
        else:
            fault.target = "both"
        self._stage.faults.switch_on(fault)

    def _repeat_full_page(self, request: requests.PreparedRequest, body: bytes) -> bytes:
        """The previous page again, if it was a full one."""
        entity = next((name for name in ("Customer", "Invoice", "Payment") if f"FROM+{name}" in str(request.url)), "")
        earlier = self._pages.get(entity, body)
        if body.count(b'"domain":"QBO"') >= self._stage.page:
            self._pages[entity] = body
        return earlier


def _with_body(request: requests.PreparedRequest, found: requests.Response, body: bytes) -> requests.Response:
    """The response with another body, whose length and encoding no header gives."""
    about_body = ("Content-Encoding", "Content-Length")
    plain = {name: value for name, value in found.headers.items() if name not in about_body}
    return build_response(request, status=found.status_code, headers=plain, body=body)
