"""What may go wrong with a call, how often beside the others, and how a response is damaged."""

import requests

from tests.simulation.network import build_response

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
OUTAGES = ("outage_as_400", "system_fault_as_400", "server_error", "unavailable")
FAULT_KINDS = {"throttled for seconds": "throttled"}
# Those that the sandbox plays, for one call.
SWITCHED = frozenset(FAULTS) - {"throttled for seconds", "no answer", "lost answer", "cut off", "again"}


def with_body(request: requests.PreparedRequest, found: requests.Response, body: bytes) -> requests.Response:
    """The response with another body."""
    plain = {name: value for name, value in found.headers.items() if name != "Content-Encoding"}
    return build_response(request, status=found.status_code, headers=plain, body=body)
