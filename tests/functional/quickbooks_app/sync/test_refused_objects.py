"""One object that QuickBooks refuses to give out spoils itself alone: all others arrive, and an issue names it."""

from datetime import timedelta

import pytest

from infactor.invoices.models import Buyer, Invoice
from quickbooks_app import runs
from quickbooks_app.api import keyset_pagination
from quickbooks_app.models import Connection, ImportIssue, ImportRun
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.runtime.faults import Fault
from quickbooks_app.sync import refetch
from tests.functional.quickbooks_app.sync.conftest import REALM, Company, read

pytestmark = pytest.mark.django_db


def refuse(company: Company, qbk_id: str, entity: str = "Invoice", status: int = 400) -> None:
    company.faults.refuse(realm=REALM, entity=entity, id=qbk_id, status=status)


def open_issues(entity: str = "Invoice") -> list[str]:
    issues = ImportIssue.objects.filter(entity=entity, code="refused_quickbooks", resolved_at__isnull=True)
    return sorted(issues.values_list("qbk_id", flat=True))


def here() -> set[str]:
    return set(Invoice.objects.exclude(books_status="deleted").values_list("qbk_invoice_id", flat=True))


def read_everything(connection: Connection, company: Company) -> ImportRun:
    Connection.objects.get(pk=connection.pk).company_file.__class__.objects.update(as_of=None)
    return read(connection, company.clock)


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize("place", [0, 7, -1])
def test_a_full_import_takes_all_others_and_names_it(
    company: Company, imported: Connection, status: int, place: int
) -> None:
    invoices = [one["Id"] for one in company.all("Invoice")]
    Invoice.objects.all().delete()
    Connection.objects.get().documents.all().delete()
    refuse(company, invoices[place], status=status)
    run = read_everything(imported, company)
    assert (run.state, run.error) == ("succeeded", "")
    assert here() == set(invoices) - {invoices[place]}
    assert open_issues() == [invoices[place]]
    assert "Open it in QuickBooks" in ImportIssue.objects.get(code="refused_quickbooks").message


def test_it_costs_few_calls_more_on_each_of_two_readings(company: Company, imported: Connection) -> None:
    plain = read_everything(imported, company).api_calls
    refuse(company, company.all("Invoice")[30]["Id"])
    assert read_everything(imported, company).api_calls <= plain + 2 * (1 + 2 * 6 + 3)


def test_it_is_found_on_every_page_of_small_pages(
    company: Company, imported: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoices = [one["Id"] for one in company.all("Invoice")]
    Invoice.objects.all().delete()
    Connection.objects.get().documents.all().delete()
    monkeypatch.setattr(keyset_pagination, "PAGE_SIZE", 10)
    for place in (9, 10, 25):
        refuse(company, invoices[place])
    run = read_everything(imported, company)
    assert (run.state, run.error) == ("succeeded", "")
    refused = {invoices[place] for place in (9, 10, 25)}
    assert here() == set(invoices) - refused
    assert set(open_issues()) == refused


def test_it_is_named_once_where_the_next_page_begins_in_its_second(
    company: Company, imported: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, *others = [company.bill()["Id"] for _ in range(6)]
    company.clock.advance(minutes=1)
    company.bill()
    monkeypatch.setattr(
        keyset_pagination, "PAGE_SIZE", company.all("Invoice").index(company.read("Invoice", others[2]))
    )
    refuse(company, bad)
    run = read_everything(imported, company)
    assert (run.state, run.error) == ("succeeded", "")
    assert set(others) <= here()
    assert open_issues() == [bad], "it has an id, so no other one is missing"


def skip_ids(company: Company, number: int) -> None:
    """As many other transactions, such as bills, take the next ids."""
    with company.store.transaction() as database:
        books = Books(database, realm=REALM, at=company.clock())
        for _ in range(number):
            books.next_value("Transaction")


@pytest.mark.parametrize("skipped", [150, 900])
def test_it_is_named_among_the_ids_of_many_other_transactions(
    company: Company, imported: Connection, skipped: int
) -> None:
    skip_ids(company, skipped)
    bad = company.bill()["Id"]
    company.clock.advance(minutes=1)
    skip_ids(company, skipped)
    good = company.bill()["Id"]
    refuse(company, bad)
    run = read_everything(imported, company)
    assert (run.state, run.error) == ("succeeded", "")
    assert good in here()
    assert open_issues() == [bad]


def test_where_its_id_cannot_be_found_the_import_goes_on_and_says_when_it_was_created(
    company: Company, imported: Connection
) -> None:
    before = company.all("Invoice")[-1]
    skip_ids(company, 2500)
    bad = company.bill()["Id"]
    company.clock.advance(minutes=1)
    skip_ids(company, 2500)
    good = company.bill()["Id"]
    refuse(company, bad)
    run = read_everything(imported, company)
    assert (run.state, run.error) == ("succeeded", "")
    assert {before["Id"], good} <= here()
    issue = ImportIssue.objects.get(code="refused_quickbooks", resolved_at=None)
    assert (issue.qbk_id, issue.field) == ("", f"after Id {before['Id']}")
    assert "Created between" in issue.message
    assert company.clock().strftime("%Y-%m-%d") in issue.message
    company.clock.advance(days=1, minutes=1)
    assert runs.request(connection=fresh(), by=None, at=company.clock()).kind == "reconcile", "it is looked for daily"
    company.faults.clear()
    assert read(imported, company.clock).state == "succeeded"
    assert bad in here()
    assert not ImportIssue.objects.filter(code="refused_quickbooks", resolved_at=None).exists()
    company.clock.advance(days=1)
    assert runs.request(connection=fresh(), by=None, at=company.clock()).kind == "changes"


def fresh() -> Connection:
    return Connection.objects.select_related("company_file").get()


def test_a_refused_customer_keeps_its_invoices_from_nobody(company: Company, imported: Connection) -> None:
    refuse(company, "1", entity="Customer")
    run = read_everything(imported, company)
    assert run.state == "succeeded"
    assert open_issues("Customer") == ["1"]
    assert Buyer.objects.get(reference="1").is_active, "a refused customer is not a deleted one"


def test_a_change_beside_it_arrives_and_it_is_asked_for_again(company: Company, imported: Connection) -> None:
    bad, good = company.bill(amount="70.00"), company.bill(amount="80.00")
    refuse(company, bad["Id"])
    company.clock.advance(minutes=15)
    run = read(imported, company.clock)
    assert (run.state, run.error) == ("succeeded", "")
    assert good["Id"] in here()
    assert bad["Id"] not in here()
    assert open_issues() == [bad["Id"]]
    company.clock.advance(days=1)
    assert read(imported, company.clock).api_calls == 2, "the changes, and the refused one once more"
    assert open_issues() == [bad["Id"]]
    company.faults.clear()
    company.clock.advance(days=1)
    read(imported, company.clock)
    assert bad["Id"] in here()
    assert open_issues() == []
    company.clock.advance(days=1)
    assert read(imported, company.clock).api_calls == 1


def test_a_stored_object_that_is_refused_is_not_taken_for_deleted(company: Company, imported: Connection) -> None:
    known = company.all("Invoice")[3]["Id"]
    company.edit("Invoice", known, PrivateNote="changed")
    refuse(company, known)
    company.clock.advance(minutes=5)
    run = read(imported, company.clock)
    assert (run.state, run.kind, run.invoices_deleted) == ("succeeded", "reconcile", 0)
    assert known in here()
    assert open_issues() == [known]
    company.faults.clear()
    company.clock.advance(days=1)
    read(imported, company.clock)
    assert Invoice.objects.get(qbk_invoice_id=known).private_note == "changed"
    assert open_issues() == []


def test_a_batch_of_webhooks_takes_all_others(company: Company, imported: Connection) -> None:
    bad, *good = [company.bill()["Id"] for _ in range(8)]
    refuse(company, bad)
    counts = refetch.refetch_objects(connection=imported, entity="Invoice", ids=[bad, *good], now=company.clock)
    assert (counts.new, counts.deleted) == (7, 0)
    assert set(good) <= here()
    assert open_issues() == [bad]


def test_more_refusals_than_single_objects_cause_end_the_run(company: Company, imported: Connection) -> None:
    for one in company.all("Invoice")[:15]:
        refuse(company, one["Id"])
    run = read_everything(imported, company)
    assert (run.state, run.error_code) == ("failed", "4002")


def test_a_fault_in_one_slot_of_the_changes_loses_nothing(company: Company, imported: Connection) -> None:
    invoice = company.bill(amount="80.00")
    company.pay(invoice, "80.00")
    company.faults.switch_on(Fault(kind="fault_in_slot", remaining=1))
    company.clock.advance(minutes=5)
    run = read(imported, company.clock)
    assert (run.state, run.kind) == ("succeeded", "reconcile")
    assert Invoice.objects.get(qbk_invoice_id=invoice["Id"]).books_status == "paid"
    company.assert_matches_quickbooks(imported)


@pytest.mark.parametrize("kind", ["outage_as_400", "system_fault_as_400"])
def test_an_outage_answered_as_400_is_waited_for(company: Company, imported: Connection, kind: str) -> None:
    invoice = company.bill()
    company.faults.switch_on(Fault(kind=kind, remaining=3))
    company.clock.advance(minutes=5)
    assert read(imported, company.clock).state == "succeeded"
    assert invoice["Id"] in here()


def test_an_outage_as_400_that_never_passes_ends_after_two_hours_and_a_first_import_is_tried_again_soon(
    company: Company, imported: Connection
) -> None:
    company.faults.switch_on(Fault(kind="outage_as_400", remaining=None))
    before = company.clock()
    run = read_everything(imported, company)
    assert (run.state, run.error_code) == ("failed", "500")
    assert company.clock() - before < timedelta(hours=4)
    due = Connection.objects.get().next_sync_at
    assert due is not None
    assert run.finished_at is not None
    assert due - run.finished_at == timedelta(minutes=15)
    company.clock.at = due
    again = read(imported, company.clock)
    due = Connection.objects.get().next_sync_at
    assert due is not None
    assert again.finished_at is not None
    assert due - again.finished_at == timedelta(minutes=30)


def test_one_single_403_erases_no_token(company: Company, imported: Connection) -> None:
    company.faults.switch_on(Fault(kind="forbidden", remaining=1))
    company.clock.advance(minutes=5)
    assert read(imported, company.clock).state == "succeeded"
    held = Connection.objects.get()
    assert held.status == Connection.Status.CONNECTED
    assert held.refresh_token


def test_a_403_that_repeats_for_minutes_needs_the_supplier(company: Company, imported: Connection) -> None:
    company.faults.switch_on(Fault(kind="forbidden", remaining=None))
    company.clock.advance(minutes=5)
    assert read(imported, company.clock).state == "failed"
    assert Connection.objects.get().status == Connection.Status.NEEDS_ATTENTION
