"""An import run reads everything once, counts correctly, and does not rewrite unchanged rows."""

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from infactor.invoices.models import Invoice
from quickbooks_app import runs
from quickbooks_app.api import keyset_pagination
from quickbooks_app.models import ApiCall, Connection, ImportIssue, ImportRun
from quickbooks_app.sync import change_data_capture, run_worker
from quickbooks_app.sync.run_worker import SliceOutcome
from tests.support.factories.quickbooks import Clock, ConnectionFactory, RunFactory
from tests.support.fakes.intuit_server import TID, Intuit, Reply
from tests.support.payloads import NOON, customer, gateway_fault, invoice, stamps
from tests.support.scenarios.imports import START, add_books, assert_whole, imported, now_of, queries, work, work_out

pytestmark = pytest.mark.django_db


class TestWell:
    def test_a_run_brings_everything_once_and_counts_it(self, intuit: Intuit, run: ImportRun) -> None:
        assert work(run) is SliceOutcome.DONE
        assert_whole(run)
        row = now_of(run)
        assert (row.invoices_expected, row.api_calls) == (12, len(intuit.of("api")))
        assert row.connection.company_file.as_of == intuit.clock
        assert set(Invoice.objects.values_list("buyer__reference", flat=True)) == {"24"}

    def test_every_page_is_asked_for_once_though_the_next_comes_ahead(self, intuit: Intuit, run: ImportRun) -> None:
        work(run)
        assert len(set(queries(intuit))) == len(queries(intuit)) == 7

    def test_customers_come_before_invoices(self, intuit: Intuit, run: ImportRun) -> None:
        work(run)
        asked = [text.split(" FROM ")[1].split()[0] for text in queries(intuit)]
        assert list(dict.fromkeys(asked)) == ["Customer", "Invoice", "Payment", "CreditMemo"]

    def test_every_call_is_kept_with_intuits_own_id(self, intuit: Intuit, run: ImportRun) -> None:
        work(run)
        kept = list(ApiCall.objects.all())
        assert len(kept) == len(intuit.of("api")) == now_of(run).api_calls
        assert {(call.status, call.intuit_tid, call.connection_id) for call in kept} == {(200, TID, run.connection_id)}
        assert {call.title for call in kept} == {
            *(f"query {entity}" for entity in ("Customer", "Invoice", "Payment", "CreditMemo")),
            "count Invoice",
        }
        assert all(call.size > 0 for call in kept)

    def test_a_second_run_asks_for_changes_and_changes_nothing(self, intuit: Intuit, run: ImportRun) -> None:
        work(run)
        as_of = now_of(run).connection.company_file.as_of
        intuit.asked.clear()
        second = runs.request(connection=Connection.objects.get(), by=None, at=NOON)
        work(second)
        assert as_of is not None
        (call,) = intuit.of("api")
        assert (call.path.rpartition("/")[2], call.form["entities"]) == ("cdc", "Customer,Invoice,Payment,CreditMemo")
        assert datetime.fromisoformat(call.form["changedSince"]) == as_of - change_data_capture.OVERLAP
        assert (now_of(second).invoices_seen, now_of(second).state) == (0, "succeeded")

    def test_reading_everything_again_writes_nothing_anew(self, intuit: Intuit, run: ImportRun) -> None:
        work(run)
        written, intuit_clock = set(Invoice.objects.values_list("pk", "updated_at")), intuit.clock
        intuit.clock += timedelta(hours=1)
        again = runs.request(connection=run.connection, by=None, at=NOON, kind=ImportRun.Kind.FULL)
        row = work_out(again, clock=Clock(NOON + timedelta(hours=1)))
        assert (row.invoices_new, row.invoices_changed, row.invoices_unchanged) == (0, 0, 12)
        assert row.connection.company_file.as_of == intuit_clock, "what is gone was not asked for"
        assert set(Invoice.objects.values_list("pk", "updated_at")) == written

    def test_a_changed_invoice_is_changed_and_counted(self, intuit: Intuit, run: ImportRun) -> None:
        work(run)
        paid = invoice("3", Balance=0, MetaData=stamps(START + timedelta(seconds=3), NOON), SyncToken="4")
        intuit.books["Invoice"][2] = paid
        row = work_out(runs.request(connection=Connection.objects.get(), by=None, at=NOON))
        assert (row.invoices_seen, row.invoices_changed) == (1, 1)
        assert Invoice.objects.get(qbk_invoice_id="3").books_status == "paid"

    @pytest.mark.parametrize("ahead", [timedelta(seconds=1), timedelta(days=365 * 100)])
    def test_a_clock_ahead_of_ours_never_has_changes_passed_over(
        self, intuit: Intuit, run: ImportRun, ahead: timedelta
    ) -> None:
        intuit.clock = NOON + ahead
        work(run)
        assert now_of(run).connection.company_file.as_of == NOON

    def test_books_whose_moment_nobody_says_are_complete_as_of_none(self, intuit: Intuit, run: ImportRun) -> None:
        intuit.gives_time = False
        assert work_out(run).state == "succeeded"
        assert now_of(run).connection.company_file.as_of is None, "the next run reads everything again"
        again = runs.request(connection=now_of(run).connection, by=None, at=NOON)
        assert again.kind == ImportRun.Kind.FULL

    def test_books_without_a_single_object_are_read(self, intuit: Intuit, connection: Connection) -> None:
        row = work_out(runs.request(connection=connection, by=None, at=NOON))
        assert (row.state, row.invoices_seen, row.invoices_expected) == ("succeeded", 0, 0)

    def test_an_invoice_whose_customer_cannot_be_read_is_imported_and_harms_no_other(
        self, intuit: Intuit, run: ImportRun
    ) -> None:
        intuit.books["Customer"][0] = customer("24", PrimaryEmailAddr={"Address": "ap@buyer.example"})
        for place, given in ((3, {"CustomerRef": {"value": "24"}}), (4, {"CustomerRef": 7})):
            changed = stamps(START + timedelta(seconds=place + 1))
            intuit.books["Invoice"][place] = invoice(str(place + 1), MetaData=changed, without=("BillEmail",), **given)
        work(run)
        assert imported() == set(range(1, 13))
        assert Invoice.objects.get(qbk_invoice_id="4").buyer_email == "ap@buyer.example"
        assert ImportIssue.objects.filter(qbk_id="5", field="CustomerRef").exists()

    def test_a_spoilt_object_is_counted_and_stops_nothing(self, intuit: Intuit, run: ImportRun) -> None:
        intuit.books["Invoice"][4] = invoice("5", TotalAmt="CANARY", MetaData=stamps(START + timedelta(seconds=5)))
        work(run)
        assert_whole(run)
        assert now_of(run).issues_found == ImportIssue.objects.count() == 1


def test_a_run_that_does_not_exist_is_nobodys_work(intuit: Intuit, db: None) -> None:
    assert run_worker.process_run(run_id=2**40, owner="me", now=Clock()) is SliceOutcome.NOT_CLAIMED
    assert intuit.asked == []


def test_a_page_costs_the_same_number_of_queries_however_many_objects_it_holds(
    intuit: Intuit,
    run: ImportRun,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keyset_pagination, "PAGE_SIZE", 1000)
    add_books(intuit, 400)
    with django_assert_max_num_queries(78):
        work(run)
    assert len(imported()) == 400


def test_two_companies_are_read_without_waiting_for_each_other(intuit: Intuit, run: ImportRun) -> None:
    other = RunFactory(connection=ConnectionFactory(access_token="eyJ-other"))
    intuit.then("api", Reply(status=429, body=gateway_fault("3001")))
    assert work(run) is SliceOutcome.LATER
    assert work(other) is SliceOutcome.DONE
