"""Faults that can be switched on for a number of calls or until switched off."""

import threading
from dataclasses import dataclass
from typing import Literal

Target = Literal[
    "api", "tokens", "both", "reads", "queries", "changes", "reports", "writes", "batches", "deliveries", "attachments"
]
CallClass = Literal[
    "tokens", "reads", "queries", "changes", "reports", "writes", "batches", "deliveries", "attachments"
]

RefusedKey = tuple[str, str, str]  # realm, entity and id
REFUSAL_CODES = ("4002", "10000", "500")

TARGETS = {
    "api": "Books",
    "tokens": "Tokens",
    "both": "Both",
    "reads": "Reads",
    "queries": "Queries",
    "changes": "Change data capture",
    "reports": "Reports",
    "writes": "Writes",
    "batches": "Batches",
    "deliveries": "Sending and PDF",
    "attachments": "Attachments",
}
# These end calls to the books, never one for tokens.
BOOK_KINDS = (
    "wrong_cluster",
    "no_access",
    "subscription_ended",
    "stale_object",
    "duplicate_number",
    "duplicate_name",
    "business_rule",
    "not_found",
    "invalid_reference",
    "missing_parameter",
    "unknown_property",
    "period_closed",
    "deposited",
    "fault_as_200",
    "authorization_failed",
    "general_validation",
    "invalid_id",
    "too_long",
    "invalid_value",
    "invalid_enumeration",
    "unparsed_query",
    "invalid_query",
    "amounts",
    "answer_lost",
    "answer_cut",
)
# These change a report and nothing else.
REPORT_KINDS = ("report_refused", "report_old", "report_empty")

KINDS = {
    "throttled": "429 Too Many Requests",
    "server_error": "500 with fault 10000",
    "unavailable": "503 Service Unavailable",
    "bad_gateway": "502 Bad Gateway",
    "gateway_timeout": "504 before anything was done",
    "slow": "A slow response",
    "expired_token": "401, access token expired",
    "revoked": "401, grant revoked (invalid_grant on refresh)",
    "html": "A web page instead of JSON",
    "outage_as_400": "400 with code 500, an outage",
    "system_fault_as_400": "400 with fault 10000, an outage",
    "forbidden": "403, access refused",
    "wrong_cluster": "401 with code 130, wrong cluster",
    "no_access": "403 with code 120, no access to the company",
    "subscription_ended": "6190, the company's subscription has ended",
    "stale_object": "5010, stale SyncToken",
    "duplicate_number": "6140, duplicate document number",
    "duplicate_name": "6240, duplicate name",
    "business_rule": "6000, business validation",
    "not_found": "610, object not found",
    "invalid_reference": "2500, invalid reference",
    "missing_parameter": "2020, required parameter missing",
    "unknown_property": "2010, unsupported property",
    "period_closed": "6210, books are closed",
    "deposited": "6540, deposited transaction",
    "fault_as_200": "A fault 10000 with HTTP 200",
    "authorization_failed": "401 with code 100, authorization failure",
    "general_validation": "600, general validation",
    "invalid_id": "2030, invalid id",
    "too_long": "2050, text too long",
    "invalid_value": "2080, invalid value",
    "invalid_enumeration": "2170, invalid enumeration",
    "unparsed_query": "4000, query not parsed",
    "invalid_query": "4001, invalid query",
    "amounts": "6070, amounts do not agree",
    "answer_lost": "504 after the work was done and saved",
    "answer_cut": "The connection breaks in the middle of the answer",
    "fault_in_slot": "A fault in one slot of a change data capture answer",
    "report_refused": "Reports refused with 5020, permission denied",
    "report_old": "Reports as they were when they were last read",
    "report_empty": "Reports without data",
}

RULES = {
    "refuse_void_of_paid": "Refuse to void or delete an invoice that payments are applied to",
    "refuse_duplicate_numbers": "Refuse a document number that is already used (6140)",
    "refuse_inactivation": "Refuse to make inactive what has an open balance (6220); people may do it on these pages",
    "changes_for_30_days_only": "Change data capture looks back 30 days at most",
    "leave_out_currency": "Write documents and customers without a currency, as where multicurrency is off",
    "merge_deletes_customer": "A merge deletes the merged customer instead of making it inactive",
    "limit_calls": "Enforce 500 calls and 120 batches a minute for each company, and for each app 10 calls a second"
    " and 40 batches a minute",
    "reports_of_new_engine": "Reports in the shape of the new engine: columns in another order, a section more",
    "refuse_unequal": "Refuse != in a query (4000), as other clients report",
}
# Rules under which the books change unseen: only a comparison with a report finds it.
PLANTED_RULES = {
    "changes_keep_old_times": "Changes without a new LastUpdatedTime: change data capture, webhooks and queries by time"
    " miss them",
    "new_documents_unreported": "New documents that change data capture and webhooks never report",
}
_DEFAULT_RULES = {"refuse_void_of_paid", "refuse_duplicate_numbers", "refuse_inactivation", "changes_for_30_days_only"}


@dataclass(slots=True)
class Fault:
    """One fault that is switched on."""

    kind: str
    remaining: int | None  # None: until it is switched off
    target: Target = "api"
    seconds: int = 5
    retry_after: int | None = None
    xml: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """How an object is refused. `gives_id`: answers that hold only some of its fields are given."""

    status: int = 400
    code: str = "4002"
    gives_id: bool = False


class Faults:
    """The fault switches of the running sandbox; all off at start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._active: dict[str, Fault] = {}
        self._rules = {name: name in _DEFAULT_RULES for name in (*RULES, *PLANTED_RULES)}
        self._refused: dict[RefusedKey, Refusal] = {}

    def switch_on(self, fault: Fault) -> None:
        with self._lock:
            self._active[fault.kind] = fault

    def switch_off(self, kind: str) -> None:
        with self._lock:
            self._active.pop(kind, None)

    def clear(self) -> None:
        with self._lock:
            self._active.clear()
            self._refused.clear()

    def active(self) -> list[Fault]:
        with self._lock:
            return list(self._active.values())

    def take_for_call(self, call: CallClass, *, is_item: bool = False) -> list[Fault]:
        """Return the faults that apply to this call and count it against limited ones.

        Every call but one for tokens is one to the books, too. An item of a batch (`is_item`) is not a call: it meets
        only what is meant for its class.
        """
        places = (call,) if is_item else (call, "both") if call == "tokens" else (call, "api", "both")
        with self._lock:
            met = [
                fault
                for fault in self._active.values()
                if fault.target in places and (call == "reports" or fault.kind not in REPORT_KINDS)
            ]
            for fault in met:
                if fault.remaining is not None:
                    fault.remaining -= 1
                    if fault.remaining <= 0:
                        del self._active[fault.kind]
            return met

    def refuse(
        self, *, realm: str, entity: str, id: str, status: int = 400, code: str = "4002", gives_id: bool = False
    ) -> None:
        """Refuse every answer that would hold this object."""
        with self._lock:
            self._refused[realm, entity, id] = Refusal(status, code, gives_id)

    def stop_refusing(self, *, realm: str, entity: str, id: str) -> None:
        with self._lock:
            self._refused.pop((realm, entity, id), None)

    def refused(self, realm: str) -> dict[tuple[str, str], Refusal]:
        """How each object is refused, by entity and id."""
        with self._lock:
            return {(entity, id): how for (owner, entity, id), how in self._refused.items() if owner == realm}

    def rule(self, name: str) -> bool:
        with self._lock:
            return self._rules[name]

    def rules(self) -> dict[str, bool]:
        with self._lock:
            return dict(self._rules)

    def set_rule(self, name: str, *, on: bool) -> None:
        with self._lock:
            self._rules[name] = on
