"""Misleading change data capture: stubs of live objects, merged customers and truncated answers."""

import json
from datetime import timedelta

import pytest

from infactor.invoices.models import Buyer, CompanyFile, Invoice, InvoiceChange
from quickbooks_app import runs
from quickbooks_app.errors import QuickBooksError, Rejected, Transient
from quickbooks_app.models import ApiCall, Connection, Document, ImportIssue, ImportRun
from quickbooks_app.sync.refetch import refetch_objects
from tests.support.factories.quickbooks import Clock
from tests.support.fakes.intuit_server import Intuit, Reply, stub
from tests.support.payloads import NOON, customer, fault, invoice, stamps
from tests.support.scenarios.imports import START, imported, now_of, work, work_out

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=20)


@pytest.fixture
def linked(intuit: Intuit, run: ImportRun) -> Connection:
    """Two customers and twelve invoices, imported at noon."""
    work_out(run)
    intuit.asked.clear()
    intuit.clock = LATER
    return Connection.objects.select_related("company_file").get(pk=run.connection_id)


def changes(linked: Connection, intuit: Intuit) -> ImportRun:
    run = runs.request(connection=linked, by=None, at=intuit.clock, kind=ImportRun.Kind.CHANGES)
    return work_out(run, clock=Clock(intuit.clock))


def status(qbk_id: str) -> str:
    return Invoice.objects.get(qbk_invoice_id=qbk_id).books_status


def answer_with(*slots: bytes) -> Reply:
    body = b'{"CDCResponse":[{"QueryResponse":[%s]}],"time":"%s"}'
    return Reply(body=body % (b",".join(slots), LATER.isoformat(timespec="milliseconds").encode()))


class TestStubs:
    def test_a_stub_is_believed_without_another_call(self, intuit: Intuit, linked: Connection) -> None:
        intuit.delete("Invoice", "3", LATER)
        run = changes(linked, intuit)
        assert (run.invoices_deleted, status("3"), run.api_calls) == (1, "deleted", 1)

    def test_a_stub_of_what_the_same_answer_shows_alive_is_looked_up(self, intuit: Intuit, linked: Connection) -> None:
        edited = invoice("3", DocNumber="EDITED", MetaData=stamps(START, LATER))
        intuit.books["Invoice"][2] = edited
        intuit.then("api", answer_with(b'{"Invoice":[%s,%s]}' % (edited, stub("3", LATER))))
        run = changes(linked, intuit)
        assert (run.invoices_deleted, status("3"), run.api_calls) == (0, "partly_paid", 2)
        assert Invoice.objects.get(qbk_invoice_id="3").invoice_no == "EDITED"

    def test_a_stub_older_than_the_version_known_here_is_looked_up(self, intuit: Intuit, linked: Connection) -> None:
        Document.objects.filter(entity="Invoice", qbk_id="3").update(books_updated_at=LATER)
        intuit.then("api", answer_with(b'{"Invoice":[%s]}' % stub("3", LATER - timedelta(minutes=1))))
        assert changes(linked, intuit).invoices_deleted == 0
        assert status("3") != "deleted"

    def test_a_doubted_stub_that_is_right_counts(self, intuit: Intuit, linked: Connection) -> None:
        alive = intuit.books["Invoice"][2]
        intuit.delete("Invoice", "3", LATER)
        intuit.then("api", answer_with(b'{"Invoice":[%s,%s]}' % (alive, stub("3", LATER))))
        assert changes(linked, intuit).invoices_deleted == 1
        assert status("3") == "deleted"

    def test_a_stub_of_what_was_never_here_changes_nothing(self, intuit: Intuit, linked: Connection) -> None:
        intuit.gone.append(("Invoice", "4711", LATER))
        assert changes(linked, intuit).invoices_deleted == 0
        assert imported() == set(range(1, 13))

    def test_an_older_version_that_comes_late_brings_nothing_back(self, intuit: Intuit, linked: Connection) -> None:
        late = intuit.books["Invoice"][2]
        intuit.delete("Invoice", "3", LATER)
        changes(linked, intuit)
        intuit.clock += timedelta(minutes=20)
        intuit.then("api", answer_with(b'{"Invoice":[%s]}' % late))
        changes(linked, intuit)
        assert status("3") == "deleted"

    def test_a_newer_version_brings_it_back(self, intuit: Intuit, linked: Connection) -> None:
        intuit.delete("Invoice", "3", LATER)
        changes(linked, intuit)
        intuit.clock += timedelta(minutes=20)
        intuit.gone.clear()
        intuit.books["Invoice"].append(invoice("3", MetaData=stamps(START, intuit.clock), SyncToken="9"))
        changes(linked, intuit)
        assert status("3") == "partly_paid"
        assert Document.objects.get(entity="Invoice", qbk_id="3").deleted_at is None
        last = InvoiceChange.objects.filter(invoice__qbk_invoice_id="3").first()
        assert {"field": "books_status", "from": "deleted", "to": "partly_paid"} in (last.changes if last else [])


class TestCustomers:
    def merge(self, intuit: Intuit) -> None:
        """Merge customer 25 into 24; its invoices move without a new version."""
        intuit.books["Invoice"] = [
            raw.replace(b'"CustomerRef":{"value":"25"', b'"CustomerRef":{"value":"24"')
            for raw in intuit.books["Invoice"]
        ]
        intuit.delete("Customer", "25", LATER)

    @pytest.fixture
    def of_other(self, intuit: Intuit, run: ImportRun) -> str:
        intuit.books["Invoice"][4] = invoice(
            "5", CustomerRef={"value": "25", "name": "Other"}, MetaData=stamps(START + timedelta(seconds=5))
        )
        return "5"

    def test_the_invoices_of_a_merged_customer_are_the_other_ones_now(
        self, intuit: Intuit, of_other: str, linked: Connection
    ) -> None:
        assert Invoice.objects.get(qbk_invoice_id=of_other).buyer == Buyer.objects.get(reference="25")
        self.merge(intuit)
        run = changes(linked, intuit)
        row = Invoice.objects.get(qbk_invoice_id=of_other)
        assert (row.buyer, row.customer_reference) == (Buyer.objects.get(reference="24"), "24")
        assert Buyer.objects.get(reference="25").is_active is False
        assert run.api_calls == 2
        told = InvoiceChange.objects.get(invoice=row).changes
        assert {"field": "customer_reference", "from": "25", "to": "24"} in told

    def test_a_webhook_of_a_merge_moves_them_too(self, intuit: Intuit, of_other: str, linked: Connection) -> None:
        self.merge(intuit)
        counts = refetch_objects(connection=linked, entity="Customer", ids=["24", "25"], now=Clock(LATER))
        assert (counts.seen, counts.deleted) == (2, 1)
        assert Invoice.objects.get(qbk_invoice_id=of_other).buyer == Buyer.objects.get(reference="24")

    def test_a_rename_reaches_invoices_that_were_not_read_again(self, intuit: Intuit, linked: Connection) -> None:
        intuit.books["Customer"][0] = customer(
            "24", DisplayName="Renamed", FullyQualifiedName="Renamed", MetaData=stamps(START, LATER)
        )
        changes(linked, intuit)
        assert set(Invoice.objects.values_list("company_name", "contact_name")) == {("Renamed", "Renamed")}
        assert InvoiceChange.objects.count() == 12

    def test_a_rename_leaves_an_invoice_without_a_name_alone(self, intuit: Intuit, linked: Connection) -> None:
        Invoice.objects.filter(qbk_invoice_id="1").update(company_name="", contact_name="")
        intuit.books["Customer"][0] = customer(
            "24", DisplayName="Renamed", FullyQualifiedName="Renamed", MetaData=stamps(START, LATER)
        )
        changes(linked, intuit)
        assert Invoice.objects.get(qbk_invoice_id="1").company_name == ""


class TestCursor:
    def test_it_moves_when_everything_is_written(self, intuit: Intuit, linked: Connection) -> None:
        changes(linked, intuit)
        assert now_of(ImportRun.objects.latest("pk")).connection.company_file.as_of == LATER

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{}",
            b'{"CDCResponse":[]}',
            b'{"CDCResponse":[{"QueryResponse":[{"Invoice":[{"Id":"1"',
            b'{"CDCResponse":[{"Fault":{"Error":[{"code":"10000"}]}}]}',
            b'{"QueryResponse":{}}',
        ],
    )
    def test_an_answer_that_is_none_moves_nothing_and_is_asked_for_again(
        self, intuit: Intuit, linked: Connection, body: bytes
    ) -> None:
        intuit.delete("Invoice", "3", LATER)
        intuit.then("api", Reply(body=body))
        run = changes(linked, intuit)
        assert (run.state, run.invoices_deleted, run.api_calls) == ("succeeded", 1, 2)

    def test_an_answer_without_slots_for_some_is_no_change_of_those(self, intuit: Intuit, linked: Connection) -> None:
        intuit.then("api", answer_with(b"{}"))
        run = changes(linked, intuit)
        assert (run.state, run.invoices_seen, imported()) == ("succeeded", 0, set(range(1, 13)))

    def test_one_object_less_than_the_limit_is_whole_and_the_limit_itself_is_not(
        self, intuit: Intuit, linked: Connection
    ) -> None:
        def many(number: int) -> Reply:
            written = (invoice(str(100 + one), MetaData=stamps(START, LATER)) for one in range(number))
            return answer_with(b'{"Invoice":[%s]}' % b",".join(written))

        intuit.then("api", many(999))
        assert (changes(linked, intuit).kind, Invoice.objects.count()) == ("changes", 12 + 999)
        intuit.clock += timedelta(minutes=20)
        intuit.then("api", many(1000))
        assert changes(linked, intuit).kind == "reconcile"

    def test_an_answer_too_large_to_take_is_read_page_by_page(
        self, intuit: Intuit, linked: Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("quickbooks_app.api.transport.MAX_RESPONSE_BYTES", 20_000)
        intuit.books["Invoice"] = [
            invoice(str(one), DocNumber=f"E{one}", MetaData=stamps(START + timedelta(seconds=one), LATER))
            for one in range(1, 13)
        ]
        run = changes(linked, intuit)
        assert (run.state, run.kind, run.invoices_changed, run.error) == ("succeeded", "reconcile", 12, "")


class TestFirstImport:
    def test_what_a_failed_one_left_and_is_gone_since_is_found_by_the_next(
        self, intuit: Intuit, run: ImportRun
    ) -> None:
        work(run)
        CompanyFile.objects.update(as_of=None)  # as after a run that failed at its last page
        intuit.delete("Invoice", "3", NOON)
        again = runs.request(connection=now_of(run).connection, by=None, at=LATER)
        row = work_out(again, clock=Clock(LATER))
        assert (row.kind, row.state, row.invoices_deleted, status("3")) == ("full", "succeeded", 1, "deleted")


class TestReadingAgain:
    def test_what_has_no_id_of_its_own_is_not_read(self, intuit: Intuit, linked: Connection) -> None:
        with pytest.raises(ValueError, match="ExchangeRate cannot be fetched by its id"):
            refetch_objects(connection=linked, entity="ExchangeRate", ids=["1"], now=Clock(LATER))
        assert refetch_objects(connection=linked, entity="Invoice", ids=[], now=Clock(LATER)).seen == 0
        assert intuit.of("api") == []

    def test_many_are_read_in_one_query(self, intuit: Intuit, linked: Connection) -> None:
        ids = [str(one) for one in range(1, 13)]
        counts = refetch_objects(connection=linked, entity="Invoice", ids=ids, now=Clock(LATER))
        assert (counts.seen, counts.new, counts.changed, counts.deleted) == (12, 0, 0, 0)
        (call,) = intuit.of("api")
        assert "WHERE Id IN (" in call.form["query"]
        kept = ApiCall.objects.latest("pk")
        assert (kept.run, kept.connection, kept.title) == (None, linked, "query Invoice")

    def test_more_than_a_hundred_take_a_query_for_each_hundred(self, intuit: Intuit, linked: Connection) -> None:
        ids = [str(one) for one in range(1000, 1150)]
        intuit.books["Invoice"] += [invoice(one, MetaData=stamps(START, LATER)) for one in ids]
        counts = refetch_objects(connection=linked, entity="Invoice", ids=ids, now=Clock(LATER))
        assert (counts.new, len(intuit.of("api"))) == (150, 2)

    def test_what_does_not_come_back_is_gone_only_when_quickbooks_says_so(
        self, intuit: Intuit, linked: Connection
    ) -> None:
        intuit.books["Invoice"] = [raw for raw in intuit.books["Invoice"] if json.loads(raw)["Id"] != "3"]
        counts = refetch_objects(connection=linked, entity="Invoice", ids=["2", "3"], now=Clock(LATER))
        assert (counts.seen, counts.deleted, status("3"), status("2")) == (1, 1, "deleted", "partly_paid")
        assert [one.path.rpartition("/")[2] for one in intuit.of("api")] == ["query", "3"]

    def test_an_empty_answer_marks_nothing_as_gone(self, intuit: Intuit, linked: Connection) -> None:
        intuit.then("api", Reply(body=b'{"QueryResponse":{},"time":"2026-11-20T12:20:00.000Z"}'))
        counts = refetch_objects(connection=linked, entity="Invoice", ids=["2", "3"], now=Clock(LATER))
        assert (counts.seen, counts.deleted, status("3")) == (2, 0, "partly_paid")

    @pytest.mark.parametrize("code", ["2030", "4002", "600"])
    def test_an_object_that_quickbooks_refuses_is_an_issue_and_not_gone(
        self, intuit: Intuit, linked: Connection, code: str
    ) -> None:
        empty = Reply(body=b'{"QueryResponse":{},"time":"2026-11-20T12:20:00.000Z"}')
        intuit.then("api", empty, Reply(status=400, body=fault(code)))
        refetch_objects(connection=linked, entity="Invoice", ids=["3"], now=Clock(LATER))
        assert status("3") == "partly_paid"
        assert ImportIssue.objects.get(resolved_at__isnull=True).qbk_id == "3"

    @pytest.mark.parametrize(("code", "error"), [("500", Transient), ("4001", Rejected)])
    def test_another_refusal_is_not_taken_for_gone(
        self, intuit: Intuit, linked: Connection, code: str, error: type[QuickBooksError]
    ) -> None:
        empty = Reply(body=b'{"QueryResponse":{},"time":"2026-11-20T12:20:00.000Z"}')
        intuit.then("api", empty, Reply(status=400, body=fault(code)))
        with pytest.raises(error):
            refetch_objects(connection=linked, entity="Invoice", ids=["3"], now=Clock(LATER))
        assert status("3") == "partly_paid"

    def test_what_went_after_the_answer_was_given_stays_gone(self, intuit: Intuit, linked: Connection) -> None:
        intuit.delete("Invoice", "3", LATER)
        changes(linked, intuit)
        intuit.books["Invoice"].append(invoice("3", MetaData=stamps(START)))
        intuit.clock = LATER - timedelta(minutes=1)  # the answer was a long time on its way
        refetch_objects(connection=linked, entity="Invoice", ids=["3"], now=Clock(LATER))
        assert status("3") == "deleted"

    def test_what_is_read_again_and_there_after_all_comes_back(self, intuit: Intuit, linked: Connection) -> None:
        intuit.delete("Invoice", "3", LATER)
        changes(linked, intuit)
        intuit.books["Invoice"].append(invoice("3", MetaData=stamps(START)))
        intuit.clock = LATER + timedelta(minutes=1)
        refetch_objects(connection=linked, entity="Invoice", ids=["3"], now=Clock(LATER))
        assert status("3") == "partly_paid"

    def test_an_object_that_quickbooks_does_not_have_is_refused(self, linked: Connection) -> None:
        with pytest.raises(ValueError, match="Unicorn"):
            refetch_objects(connection=linked, entity="Unicorn", ids=["1"], now=Clock(LATER))
