"""An internal error that one object causes is told from an outage by repeating and by smaller answers."""

from datetime import timedelta

import pytest

from infactor.invoices.models import Invoice
from quickbooks_app.api import circuit_breaker
from quickbooks_app.models import ApiCall, Connection, WebhookEvent
from quickbooks_app.sandbox.runtime.faults import Fault
from quickbooks_app.webhooks import inbox, processing
from quickbooks_app.webhooks.parsing import Event
from tests.functional.quickbooks_app.sync.conftest import REALM, Company, read
from tests.functional.quickbooks_app.sync.test_refused_objects import here, open_issues, read_everything

pytestmark = pytest.mark.django_db
CAUSELESS = [("10000", 500), ("10000", 400), ("500", 400), ("500", 500)]


def fail_on(company: Company, qbk_id: str, code: str = "10000", status: int = 500, *, gives_id: bool = False) -> None:
    company.faults.refuse(realm=REALM, entity="Invoice", id=qbk_id, status=status, code=code, gives_id=gives_id)


@pytest.mark.parametrize(("code", "status"), CAUSELESS)
def test_a_full_import_takes_all_others_and_names_it(
    company: Company, imported: Connection, code: str, status: int
) -> None:
    invoices = [one["Id"] for one in company.all("Invoice")]
    Invoice.objects.all().delete()
    Connection.objects.get().documents.all().delete()
    fail_on(company, invoices[7], code, status)
    before = company.clock()
    run = read_everything(imported, company)
    assert (run.state, run.error) == ("succeeded", "")
    assert here() == set(invoices) - {invoices[7]}
    assert open_issues() == [invoices[7]]
    assert company.clock() - before < timedelta(hours=1)


def test_a_changed_one_is_named_also_where_quickbooks_lists_its_id(company: Company, imported: Connection) -> None:
    known = company.all("Invoice")[3]["Id"]
    company.edit("Invoice", known, PrivateNote="changed")
    good = company.bill()["Id"]
    fail_on(company, known, gives_id=True)
    company.clock.advance(minutes=5)
    run = read(imported, company.clock)
    assert (run.state, run.kind, run.invoices_deleted) == ("succeeded", "reconcile", 0)
    assert good in here()
    assert open_issues() == [known]
    company.clock.advance(days=1)
    assert read(imported, company.clock).kind == "changes", "what is refused is asked for again beside the changes"
    company.faults.clear()
    company.clock.advance(days=1)
    read(imported, company.clock)
    assert Invoice.objects.get(qbk_invoice_id=known).private_note == "changed"
    assert open_issues() == []


def test_it_is_named_although_the_circuit_is_open_from_the_start(company: Company, imported: Connection) -> None:
    customer = company.all("Customer")[0]["Id"]
    company.faults.refuse(realm=REALM, entity="Customer", id=customer, status=500, code="10000")
    for _ in range(circuit_breaker.FAILURE_THRESHOLD):  # for example of webhooks beside the run
        circuit_breaker.record_failure(connection_id=imported.pk, at=company.clock())
    run = read_everything(imported, company)
    assert (run.state, run.error) == ("succeeded", "")
    assert open_issues("Customer") == [customer]


def test_an_outage_names_nothing(company: Company, imported: Connection) -> None:
    for kind in ("server_error", "system_fault_as_400", "outage_as_400"):
        company.clock.advance(minutes=30)
        invoice = company.bill()
        company.faults.switch_on(Fault(kind=kind, remaining=7))
        run = read(imported, company.clock)
        assert (run.state, run.error) == ("succeeded", "")
        assert invoice["Id"] in here()
        assert open_issues() == []


def test_an_outage_costs_two_calls_an_attempt_at_most(company: Company, imported: Connection) -> None:
    company.faults.switch_on(Fault(kind="system_fault_as_400", remaining=None))
    ApiCall.objects.all().delete()
    run = read_everything(imported, company)
    assert (run.state, run.error_code) == ("failed", "10000")
    attempts = 6 + 2 * 4 + 2  # before the pause, in two hours of pauses of 15 minutes at least, and at their end
    assert ApiCall.objects.count() <= 2 * attempts


def test_an_outage_of_all_objects_is_no_refusal_of_single_ones(company: Company, imported: Connection) -> None:
    for one in company.all("Invoice"):
        fail_on(company, one["Id"], status=400)
    run = read_everything(imported, company)
    assert (run.state, run.error_code) == ("failed", "10000")
    assert open_issues() == []


def notify(company: Company, connection: Connection, *ids: str) -> None:
    at = company.clock()
    events = [Event(f"event-{one}", connection.realm_id, "Invoice", one, "update", "", at) for one in ids]
    inbox.store_events(events=events, at=at)


def process(company: Company, connection: Connection, *, minutes: int) -> None:
    for _ in range(minutes):
        processing.process_pending(connection_id=connection.pk, now=company.clock)
        company.clock.advance(minutes=1)


def test_webhooks_beside_it_are_followed_within_minutes_and_it_is_named(company: Company, imported: Connection) -> None:
    bad, *good = [company.bill()["Id"] for _ in range(8)]
    fail_on(company, bad)
    notify(company, imported, bad, *good)
    process(company, imported, minutes=5)
    assert set(good) <= here()
    assert open_issues() == [bad]
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"handled"}


def test_webhooks_in_an_outage_name_nothing(company: Company, imported: Connection) -> None:
    invoice = company.bill()["Id"]
    company.faults.switch_on(Fault(kind="server_error", remaining=6))
    notify(company, imported, invoice)
    process(company, imported, minutes=40)
    assert invoice in here()
    assert open_issues() == []


def test_one_single_403_in_a_batch_of_webhooks_erases_no_token(company: Company, imported: Connection) -> None:
    invoice = company.bill()["Id"]
    company.faults.switch_on(Fault(kind="forbidden", remaining=1))
    notify(company, imported, invoice)
    process(company, imported, minutes=1)
    held = Connection.objects.get()
    assert (held.status, bool(held.refresh_token)) == (Connection.Status.CONNECTED, True)
    process(company, imported, minutes=2)
    assert invoice in here()


def test_a_403_that_repeats_in_batches_of_webhooks_needs_the_supplier(company: Company, imported: Connection) -> None:
    notify(company, imported, company.bill()["Id"])
    company.faults.switch_on(Fault(kind="forbidden", remaining=None))
    process(company, imported, minutes=15)
    assert Connection.objects.get().status == Connection.Status.NEEDS_ATTENTION
