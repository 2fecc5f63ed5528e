"""Whatever QuickBooks answers to a write, it is done once, or refused with a name of its own."""

import io
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
    ObjectMissing,
    PeriodClosed,
    QuickBooksError,
    ReferenceMissing,
    StaleObject,
    Transient,
)
from quickbooks_app.models import ApiCall, Connection, RateLimitState
from quickbooks_app.objects.table import Operation
from quickbooks_app.sandbox.runtime.faults import Fault, Target
from quickbooks_app.writing.object_writer import ObjectWriter, object_writer
from tests.functional.quickbooks_app.sync.conftest import Company, line

pytestmark = pytest.mark.django_db
INVOICE: dict[str, Any] = {"CustomerRef": {"value": "1"}, "Line": [line("100.00")]}
PASSING = [
    *("throttled", "server_error", "unavailable", "html", "outage_as_400", "system_fault_as_400", "wrong_cluster"),
    *("answer_lost", "answer_cut"),
]
REFUSALS: list[tuple[str, type[QuickBooksError]]] = [
    ("stale_object", StaleObject),
    ("duplicate_number", DuplicateNumber),
    ("duplicate_name", DuplicateName),
    ("business_rule", BusinessRuleBroken),
    ("deposited", BusinessRuleBroken),
    ("not_found", ObjectMissing),
    ("invalid_reference", ReferenceMissing),
    ("missing_parameter", FieldRefused),
    ("unknown_property", FieldRefused),
    ("period_closed", PeriodClosed),
    ("forbidden", AuthorizationLost),
    ("no_access", AuthorizationLost),
    ("subscription_ended", AuthorizationLost),
]


def create(writer: ObjectWriter) -> None:
    writer.create(entity="Invoice", fields=INVOICE, key="push")


def create_many(writer: ObjectWriter) -> None:
    writer.batch([BatchItem("one", Operation.CREATE, "Invoice", INVOICE)], key="push")


def attach(writer: ObjectWriter) -> None:
    writer.upload(Upload("a.pdf", "application/pdf", io.BytesIO(b"%PDF")), key="push")


WRITES: list[tuple[Any, Target, str]] = [
    (create, "writes", "Invoice"),
    (create_many, "batches", "Invoice"),
    (attach, "attachments", "Attachable"),
]


@pytest.mark.parametrize("kind", PASSING)
@pytest.mark.parametrize(("write", "target", "entity"), WRITES, ids=["single", "batch", "file"])
def test_a_write_that_met_a_passing_fault_is_done_once_when_it_is_repeated(
    company: Company, imported: Connection, kind: str, write: Any, target: Target, entity: str
) -> None:
    before = len(company.all(entity))
    company.faults.switch_on(Fault(kind=kind, remaining=1, target=target))
    with object_writer(connection=imported, now=company.clock) as writer, pytest.raises(Transient):
        write(writer)
    RateLimitState.objects.update(next_call_at=None)
    with object_writer(connection=imported, now=company.clock) as writer:
        write(writer)
    assert len(company.all(entity)) == before + 1
    first, second = ApiCall.objects.filter(operation__in=["create", "batch", "upload"]).order_by("pk")
    assert first.request_id == second.request_id
    assert (first.error_code or first.status != 200, second.error_code) == (True, "") or first.error_code


@pytest.mark.parametrize(("write", "target", "entity"), WRITES, ids=["single", "batch", "file"])
def test_a_token_that_expired_costs_a_new_token_and_nothing_else(
    company: Company, imported: Connection, write: Any, target: Target, entity: str
) -> None:
    before = len(company.all(entity))
    company.faults.switch_on(Fault(kind="expired_token", remaining=1, target=target))
    with object_writer(connection=imported, now=company.clock) as writer:
        write(writer)
    assert len(company.all(entity)) == before + 1


@pytest.mark.parametrize(("kind", "error"), REFUSALS, ids=[kind for kind, _ in REFUSALS])
def test_a_refused_write_has_a_name_of_its_own_and_is_not_done(
    company: Company, imported: Connection, kind: str, error: type[QuickBooksError]
) -> None:
    before = len(company.all("Invoice"))
    company.faults.switch_on(Fault(kind=kind, remaining=1, target="writes"))
    with object_writer(connection=imported, now=company.clock) as writer, pytest.raises(error) as refused:
        create(writer)
    assert type(refused.value) is error
    assert str(refused.value).endswith(".")
    assert refused.value.intuit_tid
    assert len(company.all("Invoice")) == before


@pytest.mark.parametrize(("times", "ends_well"), [(1, True), (2, False)])
def test_a_stale_version_is_read_again_once(
    company: Company, imported: Connection, times: int, ends_well: bool
) -> None:
    change: dict[str, Any] = {"entity": "Invoice", "fields": {"PrivateNote": "Ours"}, "key": "note"}
    with object_writer(connection=imported, now=company.clock) as writer:
        made = writer.create(entity="Invoice", fields=INVOICE, key="make")
        company.faults.switch_on(Fault(kind="stale_object", remaining=times, target="writes"))
        if ends_well:
            writer.update(qbk_id=made.qbk_id, **change)
        else:
            with pytest.raises(StaleObject):
                writer.update(qbk_id=made.qbk_id, **change)
    assert (company.read("Invoice", made.qbk_id).get("PrivateNote") == "Ours") is ends_well


def test_one_bad_item_leaves_the_others_of_its_batch(company: Company, imported: Connection) -> None:
    company.faults.switch_on(Fault(kind="period_closed", remaining=1, target="writes"))
    items = [BatchItem(str(number), Operation.CREATE, "Invoice", INVOICE) for number in range(3)]
    with object_writer(connection=imported, now=company.clock) as writer:
        results = writer.batch(items, key="b")
    assert [type(one.error) for one in results] == [PeriodClosed, type(None), type(None)]
