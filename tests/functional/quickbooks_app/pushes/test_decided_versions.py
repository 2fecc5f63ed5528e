"""A push writes over nothing that nobody saw when it was decided, and says what became of it when it fails."""

from typing import Any

import pytest

from infactor.users.models import User
from quickbooks_app.models import Connection, Push
from quickbooks_app.pushes.worker import LOOK_FIRST
from quickbooks_app.sandbox.runtime.faults import Fault
from quickbooks_app.sync import refetch
from tests.functional.quickbooks_app.pushes.test_pushes import ask, result, work
from tests.functional.quickbooks_app.sync.conftest import Company

pytestmark = pytest.mark.django_db


def edit(company: Company, connection: Connection, qbk_id: str, **changes: Any) -> None:
    """Somebody edits an invoice in the books, and infactor reads it."""
    company.clock.advance(seconds=2)
    company.edit("Invoice", qbk_id, **changes)
    refetch.refetch_objects(connection=connection, entity="Invoice", ids=[qbk_id], now=company.clock)


def test_what_was_written_since_the_push_was_decided_stays_though_infactor_has_read_it(
    writable: Connection, company: Company, staff: User
) -> None:
    known = company.all("Invoice")[0]["Id"]
    push = ask(writable, company, staff, "update", "Invoice", known, fields={"PrivateNote": "ours"})
    edit(company, writable, known, PrivateNote="theirs")
    work(company)
    assert result(push) == ("failed", "Somebody has changed the same in QuickBooks meanwhile: PrivateNote.")
    assert company.read("Invoice", known)["PrivateNote"] == "theirs"


@pytest.mark.parametrize("operation", ["delete", "void"])
def test_a_version_that_nobody_saw_is_not_ended(
    writable: Connection, company: Company, staff: User, operation: str
) -> None:
    made = company.bill()["Id"]
    refetch.refetch_objects(connection=writable, entity="Invoice", ids=[made], now=company.clock)
    push = ask(writable, company, staff, operation, "Invoice", made)
    edit(company, writable, made, PrivateNote="Shipped after all")
    work(company)
    assert result(push) == ("failed", "Somebody has changed it in QuickBooks meanwhile.")
    assert company.read("Invoice", made)["TotalAmt"] == 100


def test_a_change_that_was_done_without_an_answer_is_done_though_somebody_has_changed_it_since(
    writable: Connection, company: Company, staff: User
) -> None:
    known = company.all("Invoice")[0]["Id"]
    push = ask(writable, company, staff, "update", "Invoice", known, fields={"PrivateNote": "ours"})
    company.faults.switch_on(Fault(kind="answer_lost", remaining=1))
    work(company)
    edit(company, writable, known, PrivateNote="theirs")
    work(company, hours=1)
    assert result(push) == ("done", "")
    assert company.read("Invoice", known)["PrivateNote"] == "theirs"


@pytest.mark.parametrize("how", ["no answer", "a dead worker"])
def test_a_push_that_may_be_written_says_so_when_it_fails(
    writable: Connection, company: Company, staff: User, how: str
) -> None:
    push = ask(writable, company, staff, "create", "Customer", fields={"DisplayName": "Quay & Sons"})
    if how == "no answer":
        company.faults.switch_on(Fault(kind="answer_lost", remaining=1))
    work(company)
    if how == "a dead worker":
        Push.objects.update(state="sending", finished_at=None, qbk_id="", lease_until=company.clock())
    Connection.objects.update(writes_allowed_at=None)
    work(company, hours=1)
    state, error = result(push)
    assert (state, error.endswith(LOOK_FIRST)) == ("failed", True)
    assert "has not allowed" in error
    assert "Quay & Sons" in [one["DisplayName"] for one in company.all("Customer")]


def test_a_push_that_was_surely_not_written_does_not_say_that_it_may_be(
    writable: Connection, company: Company, staff: User
) -> None:
    push = ask(writable, company, staff, "create", "Customer", fields={"DisplayName": "Quay & Sons"})
    company.faults.switch_on(Fault(kind="throttled", remaining=1))
    work(company)
    Connection.objects.update(writes_allowed_at=None)
    work(company, hours=1)
    state, error = result(push)
    assert (state, "may have" in error) == ("failed", False)


def test_one_refusal_of_access_is_waited_for(writable: Connection, company: Company, staff: User) -> None:
    push = ask(writable, company, staff, "create", "Customer", fields={"DisplayName": "Quay & Sons"})
    company.faults.switch_on(Fault(kind="forbidden", remaining=1))
    work(company, hours=1)
    assert result(push) == ("done", "")


def test_a_push_that_finds_the_permission_ended_has_the_supplier_asked_to_reconnect(
    writable: Connection, company: Company, staff: User
) -> None:
    push = ask(writable, company, staff, "create", "Customer", fields={"DisplayName": "Quay & Sons"})
    company.faults.switch_on(Fault(kind="revoked", remaining=None, target="both"))
    work(company)
    assert result(push) == ("failed", "QuickBooks ended infactor's permission.")
    row = Connection.objects.get()
    assert (row.status, row.status_reason) == ("needs_attention", "QuickBooks ended infactor's permission.")
