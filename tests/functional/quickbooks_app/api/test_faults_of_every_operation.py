"""Every operation of the client meets every fault of Intuit's list, and ends as its name says: once, or not at all."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from quickbooks_app.api.writes.batch import BatchItem
from quickbooks_app.api.writes.files import Upload
from quickbooks_app.errors import (
    AuthorizationLost,
    BusinessRuleBroken,
    DuplicateName,
    DuplicateNumber,
    FieldRefused,
    InternalFault,
    ObjectMissing,
    PeriodClosed,
    QuickBooksError,
    ReferenceMissing,
    Rejected,
    StaleObject,
    Throttled,
    TokenExpired,
    Transient,
)
from quickbooks_app.objects.table import Operation
from quickbooks_app.sandbox.runtime.faults import BOOK_KINDS, KINDS, REPORT_KINDS, Fault, Target
from tests.functional.quickbooks_app.api.conftest import Used
from tests.functional.quickbooks_app.sync.conftest import line

INVOICE: dict[str, Any] = {"CustomerRef": {"value": "1"}, "Line": [line("100.00")]}
# What a fault is, whatever it hits.
PASSING: dict[str, type[QuickBooksError]] = {
    "throttled": Throttled,
    "server_error": InternalFault,
    "outage_as_400": InternalFault,
    "system_fault_as_400": InternalFault,
    "fault_as_200": InternalFault,
    "unavailable": Transient,
    "bad_gateway": Transient,
    "gateway_timeout": Transient,
    "html": Transient,
    "wrong_cluster": Transient,
}
ACCESS: dict[str, type[QuickBooksError]] = {
    "expired_token": TokenExpired,
    "authorization_failed": TokenExpired,
    "revoked": TokenExpired,
    "forbidden": AuthorizationLost,
    "no_access": AuthorizationLost,
    "subscription_ended": AuthorizationLost,
}
# What it is to a write; to a reading it is a refusal of the answer.
REFUSALS: dict[str, type[QuickBooksError]] = {
    "stale_object": StaleObject,
    "duplicate_number": DuplicateNumber,
    "duplicate_name": DuplicateName,
    "business_rule": BusinessRuleBroken,
    "amounts": BusinessRuleBroken,
    "deposited": BusinessRuleBroken,
    "not_found": ObjectMissing,
    "invalid_reference": ReferenceMissing,
    "period_closed": PeriodClosed,
    "missing_parameter": FieldRefused,
    "unknown_property": FieldRefused,
    "general_validation": FieldRefused,
    "invalid_id": FieldRefused,
    "too_long": FieldRefused,
    "invalid_value": FieldRefused,
    "invalid_enumeration": FieldRefused,
    "unparsed_query": Rejected,
    "invalid_query": Rejected,
}
ON_THE_WAY_BACK = ("answer_lost", "answer_cut")
ELSEWHERE = {"slow", "fault_in_slot", *REPORT_KINDS}  # no errors of a call: tested where they matter
Call = Callable[[str], object]  # performs the operation with this key


def create(used: Used) -> Call:
    return lambda key: used.client.create(entity="Invoice", fields=INVOICE, key=key)


def update(used: Used) -> Call:
    bill = used.books.bill()
    change: Any = {"entity": "Invoice", "qbk_id": bill["Id"], "sync_token": "0", "fields": {"PrivateNote": "Seen"}}
    return lambda key: used.client.update(**change, key=key)


def delete(used: Used) -> Call:
    bill = used.books.bill()
    return lambda key: used.client.delete(entity="Invoice", qbk_id=bill["Id"], sync_token="0", key=key)


def void(used: Used) -> Call:
    bill = used.books.bill()
    return lambda key: used.client.void(entity="Invoice", qbk_id=bill["Id"], sync_token="0", key=key)


def send(used: Used) -> Call:
    bill = used.books.bill()
    return lambda key: used.client.send(entity="Invoice", qbk_id=bill["Id"], key=key, to="ap@buyer.example")


def batch(used: Used) -> Call:
    return lambda key: used.client.batch([BatchItem(key, Operation.CREATE, "Invoice", INVOICE)], key=key)


def upload(used: Used) -> Call:
    return lambda key: used.client.upload(Upload("a.pdf", "application/pdf", io.BytesIO(b"%PDF")), key=key)


def download(used: Used) -> Call:
    made = used.client.upload(Upload("a.pdf", "application/pdf", io.BytesIO(b"%PDF")), key="file")
    return lambda key: b"".join(used.client.download(made.qbk_id))


def read(used: Used) -> Call:
    return lambda key: used.client.read(entity="Customer", qbk_id="1")


def pdf(used: Used) -> Call:
    bill = used.books.bill()
    return lambda key: used.client.pdf(entity="Invoice", qbk_id=bill["Id"])


def query(used: Used) -> Call:
    return lambda key: used.client.query(entity="Customer", statement="SELECT * FROM Customer MAXRESULTS 1")


def changes(used: Used) -> Call:
    since = used.books.clock() - timedelta(days=1)
    return lambda key: used.client.changed_since(entities=["Invoice"], since=since)


def report(used: Used) -> Call:
    return lambda key: used.client.report(name="TrialBalance")


OPERATIONS: dict[str, tuple[Callable[[Used], Call], Target]] = {
    "create": (create, "writes"),
    "update": (update, "writes"),
    "delete": (delete, "writes"),
    "void": (void, "writes"),
    "send": (send, "deliveries"),
    "batch": (batch, "batches"),
    "upload": (upload, "attachments"),
    "download": (download, "attachments"),
    "read": (read, "reads"),
    "pdf": (pdf, "deliveries"),
    "query": (query, "queries"),
    "changes": (changes, "changes"),
    "report": (report, "reports"),
}
WRITES = {"create", "update", "delete", "void", "send", "batch", "upload"}


def test_every_fault_is_met() -> None:
    met = {*PASSING, *ACCESS, *REFUSALS, *ON_THE_WAY_BACK}
    assert met | ELSEWHERE == set(KINDS)
    assert set(BOOK_KINDS) <= met


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_fault_ends_an_operation_by_its_name_and_nothing_is_done(used: Used, operation: str) -> None:
    prepare, target = OPERATIONS[operation]
    call, before = prepare(used), books_of(used)
    told: dict[str, str] = {}
    for kind, expected in {**PASSING, **ACCESS, **REFUSALS}.items():
        used.calls.clear()
        used.books.faults.switch_on(Fault(kind=kind, remaining=1, target=target))
        error = error_of(call, "one")
        used.books.faults.switch_off(kind)
        is_right = type(error) is expected or (expected is Rejected and isinstance(error, Rejected))
        if kind in REFUSALS and operation not in WRITES:
            # A reading of an object that does not exist says so without an error.
            is_right = isinstance(error, Rejected) or (operation, kind, error) == ("read", "not_found", None)
        record = used.calls[-1]
        if not is_right or not record.intuit_tid or not (record.error_code or record.status != 200):
            told[kind] = f"{error!r}, {record}"
        if error is not None and error.may_be_done and (operation not in WRITES or kind == "throttled"):
            told[kind] = f"{error!r} may be done"
    assert told == {}
    assert books_of(used) == before
    assert error_of(call, "one") is None, "the same key is good once the fault has passed"
    assert (books_of(used) != before) is (operation in WRITES)


@pytest.mark.parametrize("kind", ON_THE_WAY_BACK)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_without_an_answer_is_done_once_when_it_is_repeated(used: Used, operation: str, kind: str) -> None:
    prepare, target = OPERATIONS[operation]
    call, before = prepare(used), books_of(used)
    used.books.faults.switch_on(Fault(kind=kind, remaining=1, target=target))
    error = error_of(call, "one")
    assert isinstance(error, Transient)
    assert error.may_be_done is (operation in WRITES)
    done = books_of(used)
    assert (done != before) is (operation in WRITES)
    assert error_of(call, "one") is None
    assert books_of(used) == done, "nothing is done twice"


def error_of(call: Call, key: str) -> QuickBooksError | None:
    try:
        call(key)
    except QuickBooksError as error:
        return error
    return None


def books_of(used: Used) -> list[tuple[Any, ...]]:
    """Every object of the books with its version."""
    rows = used.books.store.connection().execute("SELECT entity, id, sync_token, deleted FROM objects ORDER BY 1, 2")
    return [tuple(row) for row in rows]
