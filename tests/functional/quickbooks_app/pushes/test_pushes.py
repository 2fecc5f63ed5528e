"""A push is written once whatever happens on the way, is in the raw store at once, and says what came of it."""

from datetime import timedelta
from typing import Any

import pytest

from infactor.invoices.models import Buyer, Invoice
from infactor.invoices.states import State
from infactor.users.models import User
from quickbooks_app.models import ApiCall, Connection, Push
from quickbooks_app.pushes import requests, worker
from quickbooks_app.pushes.requests import AlreadyPushed, CannotPush
from quickbooks_app.sandbox.runtime.faults import Fault
from tests.functional.quickbooks_app.sync.conftest import Company, line

pytestmark = pytest.mark.django_db


def ask(
    connection: Connection, company: Company, by: User, operation: str, entity: str, qbk_id: str = "", **more: Any
) -> Push:
    values = {"fields": {}, **more}
    return requests.request_push(
        connection=connection, entity=entity, operation=operation, qbk_id=qbk_id, by=by, at=company.clock(), **values
    )


def work(company: Company, *, hours: int = 0) -> None:
    """Perform what is due, for some hours."""
    for _ in range(1 + hours * 12):
        for push_id in worker.due_ids(at=company.clock()):
            worker.perform(push_id=push_id, now=company.clock)
        company.clock.advance(minutes=5 if hours else 0)


def result(push: Push) -> tuple[str, str]:
    push.refresh_from_db()
    return push.state, push.error


def test_a_new_customer_is_a_buyer_here_at_once(writable: Connection, company: Company, staff: User) -> None:
    push = ask(writable, company, staff, "create", "Customer", fields={"DisplayName": "Quay & Sons"})
    work(company)
    assert result(push) == ("done", "")
    assert company.read("Customer", push.qbk_id)["DisplayName"] == "Quay & Sons"
    assert Buyer.objects.get(reference=push.qbk_id).name == "Quay & Sons"


def test_an_answer_that_was_lost_writes_nothing_twice(writable: Connection, company: Company, staff: User) -> None:
    before = len(company.all("Invoice"))
    fields = {"CustomerRef": {"value": "1"}, "Line": [line("100.00")]}
    push = ask(writable, company, staff, "create", "Invoice", fields=fields)
    company.faults.switch_on(Fault(kind="answer_lost", remaining=1))
    work(company, hours=1)
    assert result(push) == ("done", "")
    assert push.attempts == 2
    assert len(company.all("Invoice")) == before + 1


def test_a_worker_that_died_is_followed_by_another_that_writes_nothing_twice(
    writable: Connection, company: Company, staff: User
) -> None:
    push = ask(writable, company, staff, "create", "Customer", fields={"DisplayName": "Quay & Sons"})
    work(company)
    Push.objects.update(state="sending", finished_at=None, qbk_id="", lease_until=company.clock())
    company.clock.advance(minutes=1)
    work(company)
    assert result(push) == ("done", "")
    assert len([one for one in company.all("Customer") if one["DisplayName"] == "Quay & Sons"]) == 1


def test_what_somebody_changed_meanwhile_is_kept(writable: Connection, company: Company, staff: User) -> None:
    known = company.all("Invoice")[0]
    company.edit("Invoice", known["Id"], PrivateNote="theirs")
    push = ask(writable, company, staff, "update", "Invoice", known["Id"], fields={"CustomerMemo": {"value": "ours"}})
    work(company)
    assert result(push) == ("done", "")
    now = company.read("Invoice", known["Id"])
    assert (now["PrivateNote"], now["CustomerMemo"]["value"]) == ("theirs", "ours")
    assert Invoice.objects.get(qbk_invoice_id=known["Id"]).private_note == "theirs"


def test_a_refusal_of_quickbooks_is_in_plain_words_and_is_not_repeated(
    writable: Connection, company: Company, staff: User
) -> None:
    name = company.all("Customer")[0]["DisplayName"]
    push = ask(writable, company, staff, "create", "Customer", fields={"DisplayName": name})
    work(company)
    state, error = result(push)
    assert state == "failed"
    assert "name" in error.lower()
    calls = ApiCall.objects.count()
    work(company, hours=1)
    assert ApiCall.objects.count() == calls


def test_an_outage_is_waited_for_and_then_ends_in_words(writable: Connection, company: Company, staff: User) -> None:
    first = ask(writable, company, staff, "create", "Customer", fields={"DisplayName": "After the outage"})
    company.faults.switch_on(Fault(kind="server_error", remaining=3))
    work(company, hours=2)
    assert result(first) == ("done", "")
    second = ask(writable, company, staff, "create", "Customer", fields={"DisplayName": "Never"})
    company.faults.switch_on(Fault(kind="server_error", remaining=None))
    work(company, hours=24)
    state, error = result(second)
    assert (state, bool(error)) == ("failed", True)


@pytest.mark.parametrize("operation", ["delete", "void"])
def test_a_financed_invoice_is_neither_deleted_nor_voided(
    writable: Connection, company: Company, staff: User, operation: str
) -> None:
    known = company.all("Invoice")[0]["Id"]
    Invoice.objects.filter(qbk_invoice_id=known).update(state=State.PROPOSAL_ACCEPTED)
    with pytest.raises(CannotPush, match="financed"):
        ask(writable, company, staff, operation, "Invoice", known)
    assert not Push.objects.exists()


def test_nothing_is_written_without_the_suppliers_word(writable: Connection, company: Company, staff: User) -> None:
    waiting = ask(writable, company, staff, "create", "Customer", fields={"DisplayName": "Too late"})
    Connection.objects.update(writes_allowed_at=None)
    work(company)
    assert result(waiting) == ("failed", requests.NOT_ALLOWED)
    with pytest.raises(CannotPush, match="has not allowed"):
        ask(Connection.objects.get(), company, staff, "create", "Customer", fields={"DisplayName": "No"})
    Connection.objects.update(writes_allowed_at=company.clock(), status="needs_attention")
    with pytest.raises(CannotPush, match="not connected"):
        ask(Connection.objects.get(), company, staff, "create", "Customer", fields={"DisplayName": "No"})


def test_what_the_object_does_not_do_is_refused_before_any_call(
    writable: Connection, company: Company, staff: User
) -> None:
    calls = ApiCall.objects.count()
    for operation, entity, why in (("delete", "Customer", "inactive"), ("create", "CompanyInfo", "cannot")):
        with pytest.raises(CannotPush, match=why):
            ask(writable, company, staff, operation, entity, "1" if operation != "create" else "")
    with pytest.raises(CannotPush, match="QuickBooks id"):
        ask(writable, company, staff, "update", "Customer")
    assert ApiCall.objects.count() == calls


def test_one_reference_of_a_purpose_is_written_once(writable: Connection, company: Company, staff: User) -> None:
    what = {"fields": {"DisplayName": "Once"}, "purpose": "pay_to", "reference": "advance 7"}
    first = ask(writable, company, staff, "create", "Customer", **what)
    with pytest.raises(AlreadyPushed):
        ask(writable, company, staff, "create", "Customer", **what)
    Push.objects.filter(pk=first.pk).update(state="failed", finished_at=company.clock() + timedelta(1))
    assert ask(writable, company, staff, "create", "Customer", **what).pk != first.pk
