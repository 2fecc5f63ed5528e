"""Reconciliation finds what change data capture misses: too many changes, old changes, unreported deletions."""

from datetime import timedelta

import pytest

from infactor.invoices.models import BooksPayment, Buyer, Invoice, InvoiceChange
from quickbooks_app import runs
from quickbooks_app.api import fetch_by_id
from quickbooks_app.models import ApiCall, Connection, Document, ImportRun
from quickbooks_app.sandbox.data import generate
from quickbooks_app.sandbox.runtime.faults import Fault
from quickbooks_app.sync import reconciliation, run_worker
from tests.functional.quickbooks_app.sync.conftest import REALM, Company, read

pytestmark = pytest.mark.django_db


def operations(run: ImportRun) -> list[str]:
    return [call.title for call in ApiCall.objects.filter(run=run).order_by("pk")]


def alive() -> set[str]:
    return set(Invoice.objects.exclude(books_status="deleted").values_list("qbk_invoice_id", flat=True))


def test_fifteen_hundred_changes_at_once_are_all_followed(company: Company, imported: Connection) -> None:
    deleted = company.bill()
    company.clock.advance(minutes=1)
    read(imported, company.clock)
    company.clock.advance(minutes=20)
    generate.add_invoices(company.store, realm=REALM, count=1000, at=company.clock())
    company.delete("Invoice", deleted["Id"])
    with company.store.transaction() as database:  # made long ago, changed just now
        moment = int(company.clock().timestamp())
        stamp = company.clock().isoformat(timespec="seconds")
        database.execute(
            "UPDATE objects SET update_time = ?, body = json_set(body, '$.MetaData.LastUpdatedTime', ?) "
            "WHERE realm = ? AND deleted = 0",
            (moment, stamp, REALM),
        )
    run = read(imported, company.clock)
    assert (run.state, run.kind, run.error) == ("succeeded", "reconcile", "")
    assert run.invoices_seen >= 1000
    assert operations(run)[0] == "changes"
    assert run.invoices_deleted == 1, "what the cut answer may have left out is found by its id"
    company.assert_matches_quickbooks(imported)


def test_after_forty_days_away_everything_is_caught_up_with(company: Company, imported: Connection) -> None:
    invoices = [company.bill() for _ in range(3)]
    read(imported, company.clock)
    company.clock.advance(days=3)
    company.delete("Invoice", invoices[0]["Id"])
    company.pay(invoices[1], "100.00")
    company.edit("Customer", "3", DisplayName="Another name")
    company.clock.advance(days=37)
    run = read(imported, company.clock, kind="changes")
    assert (run.state, run.kind, run.invoices_deleted) == ("succeeded", "reconcile", 1)
    assert "changes" not in operations(run), "change data capture no longer knows the deletion"
    company.assert_matches_quickbooks(imported)
    row = Connection.objects.select_related("company_file").get()
    assert row.reconciled_at is not None
    assert row.company_file.as_of is not None
    assert row.company_file.as_of > company.clock() - timedelta(hours=1)
    assert read(imported, company.clock).kind == "changes"


def test_a_deletion_that_nothing_told_of_is_found_by_the_comparison(company: Company, imported: Connection) -> None:
    invoice = company.bill()
    payment = company.pay(company.bill(), "10.00")
    read(imported, company.clock)
    company.forget("Invoice", invoice["Id"])
    company.forget("Payment", payment["Id"])
    company.clock.advance(minutes=20)
    assert read(imported, company.clock).invoices_deleted == 0, "change data capture says nothing"
    assert invoice["Id"] in alive()
    run = read(imported, company.clock, kind="reconcile")
    assert (run.state, run.invoices_deleted) == ("succeeded", 1)
    assert invoice["Id"] not in alive()
    assert BooksPayment.objects.get(reference=payment["Id"]).deleted_at is not None


def test_what_never_came_is_found_by_the_comparison(company: Company, imported: Connection) -> None:
    invoice = company.all("Invoice")[0]
    Invoice.objects.filter(qbk_invoice_id=invoice["Id"]).delete()
    Document.objects.filter(entity="Invoice", qbk_id=invoice["Id"]).delete()
    read(imported, company.clock, kind="changes")
    assert invoice["Id"] not in alive()
    read(imported, company.clock, kind="reconcile")
    assert invoice["Id"] in alive()


def test_what_was_wrongly_held_for_deleted_comes_back(company: Company, imported: Connection) -> None:
    invoice = company.all("Invoice")[0]
    Invoice.objects.filter(qbk_invoice_id=invoice["Id"]).update(
        books_status="deleted", books_updated_at=company.clock() - timedelta(minutes=5)
    )
    Document.objects.filter(entity="Invoice", qbk_id=invoice["Id"]).update(
        deleted_at=company.clock(), books_updated_at=company.clock() - timedelta(minutes=5)
    )
    assert read(imported, company.clock, kind="full").state == "succeeded"
    assert invoice["Id"] not in alive(), "an older version brings nothing back"
    assert read(imported, company.clock, kind="reconcile").state == "succeeded"
    assert invoice["Id"] in alive()
    company.assert_matches_quickbooks(imported)
    assert InvoiceChange.objects.filter(invoice__qbk_invoice_id=invoice["Id"]).exists()


@pytest.mark.parametrize("fault", ["html", "server_error", "throttled", "unavailable"])
def test_trouble_never_marks_anything_as_deleted(company: Company, imported: Connection, fault: str) -> None:
    before = alive()
    company.faults.switch_on(Fault(kind=fault, remaining=8))
    run = read(imported, company.clock, kind="reconcile")
    assert run.state == "succeeded", run.error
    assert (run.invoices_deleted, alive()) == (0, before)
    company.assert_matches_quickbooks(imported)


def test_a_listing_that_leaves_everything_out_marks_nothing_as_deleted(
    company: Company, imported: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, honest = alive(), reconciliation.KeysetQuery.fetch_page

    def empty(pull: reconciliation.KeysetQuery, client: object, cursor: object) -> object:
        return honest(pull, client, cursor)._replace(objects=[], is_last=True)  # type: ignore[arg-type]

    monkeypatch.setattr(reconciliation.KeysetQuery, "fetch_page", empty)
    run = read(imported, company.clock, kind="reconcile")
    assert (run.state, run.invoices_deleted, alive()) == ("succeeded", 0, before)
    assert "read Invoice" not in operations(run), "one query shows that they are all there"


def test_many_that_are_gone_are_believed_only_beside_one_that_is_there(
    company: Company, imported: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [company.bill() for _ in range(12)]
    read(imported, company.clock)
    company.clock.advance(minutes=1)
    for one in made:
        company.forget("Invoice", one["Id"])
    honest, answers = fetch_by_id._query, iter(range(100))

    def forgetful(client: object, *, entity: str, ids: list[str]) -> object:
        page = honest(client, entity=entity, ids=ids)  # type: ignore[arg-type]
        return page._replace(objects=[]) if entity == "Invoice" and next(answers) == 0 else page

    monkeypatch.setattr(fetch_by_id, "_query", forgetful)
    run = runs.request(connection=imported, by=None, at=company.clock(), kind="reconcile")
    run_worker.process_run(run_id=run.pk, owner="one", now=company.clock)
    assert ImportRun.objects.get(pk=run.pk).error == "QuickBooks' response lacks an object that exists."
    assert {one["Id"] for one in made} <= alive()
    company.clock.advance(minutes=10)
    run_worker.process_run(run_id=run.pk, owner="two", now=company.clock)
    row = ImportRun.objects.get(pk=run.pk)
    assert (row.state, row.invoices_deleted) == ("succeeded", 12)
    assert "read Invoice" not in operations(row)


@pytest.mark.parametrize("deletes", [True, False], ids=["gone", "inactive"])
def test_the_invoices_of_a_customer_that_was_merged_away_are_the_other_ones(
    company: Company, imported: Connection, deletes: bool
) -> None:
    company.clock.advance(days=40)
    invoice = Invoice.objects.filter(customer_reference="2").order_by("pk").first()
    assert invoice is not None
    company.merge(kept="1", merged="2", deletes=deletes)
    run = read(imported, company.clock, kind="changes")
    assert (run.state, run.kind, run.invoices_deleted) == ("succeeded", "reconcile", 0)
    invoice.refresh_from_db()
    assert (invoice.customer_reference, invoice.buyer) == ("1", Buyer.objects.get(reference="1"))
    company.assert_matches_quickbooks(imported)


def test_a_comparison_goes_on_page_by_page_where_it_was_interrupted(
    company: Company, imported: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [company.bill() for _ in range(4)]
    read(imported, company.clock)
    company.forget("Invoice", made[0]["Id"])
    company.forget("Invoice", made[3]["Id"])
    monkeypatch.setattr("quickbooks_app.api.keyset_pagination.PAGE_SIZE", 7)
    monkeypatch.setattr("quickbooks_app.sync.run_worker.TIME_BUDGET", timedelta(seconds=-1))
    run = read(imported, company.clock, kind="reconcile")
    assert (run.state, run.invoices_deleted) == ("succeeded", 2)
    company.assert_matches_quickbooks(imported)


def test_a_comparison_is_due_once_a_month(company: Company, imported: Connection) -> None:
    kinds = []
    for _ in range(8):  # a run a week
        company.clock.advance(days=7)
        kinds.append(read(imported, company.clock).kind)
    assert kinds == ["changes"] * 4 + ["reconcile"] + ["changes"] * 3


def test_an_inactive_customer_is_not_taken_for_gone(company: Company, imported: Connection) -> None:
    company.edit("Customer", "2", Active=False)
    company.clock.advance(minutes=1)
    read(imported, company.clock)
    run = read(imported, company.clock, kind="reconcile")
    assert run.state == "succeeded"
    assert Document.objects.get(entity="Customer", qbk_id="2").deleted_at is None
    assert Buyer.objects.get(reference="2").is_active is False
