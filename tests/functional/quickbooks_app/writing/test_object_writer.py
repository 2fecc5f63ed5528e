"""Writes through the writer happen once, are merged with others' changes, and leave their answer in the raw store."""

import json
from datetime import timedelta
from typing import Any

import pytest

from infactor.invoices.models import Buyer, Invoice
from infactor.invoices.states import State
from quickbooks_app.api.writes.batch import BatchItem
from quickbooks_app.documents import payloads
from quickbooks_app.errors import (
    CircuitOpen,
    DuplicateName,
    EditConflict,
    ForbiddenWrite,
    InternalFault,
    NotOffered,
    ObjectMissing,
    StaleObject,
)
from quickbooks_app.models import ApiCall, Connection, Document, RateLimitState
from quickbooks_app.objects.table import Operation
from quickbooks_app.sandbox.runtime.faults import Fault
from quickbooks_app.writing import answers
from quickbooks_app.writing.object_writer import object_writer
from tests.functional.quickbooks_app.sync.conftest import Company, laid, line, read

pytestmark = pytest.mark.django_db
INVOICE: dict[str, Any] = {"CustomerRef": {"value": "1"}, "Line": [line("100.00")], "DocNumber": "W-1"}


def document(entity: str, qbk_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(payloads.read(Document.objects.get(entity=entity, qbk_id=qbk_id)))
    return found


def reads() -> int:
    return ApiCall.objects.filter(operation__in=["read", "query"]).count()


def test_a_new_invoice_is_an_invoice_here_at_once_without_a_read(company: Company, imported: Connection) -> None:
    before = reads()
    with object_writer(connection=imported, now=company.clock) as writer:
        made = writer.create(entity="Invoice", fields=INVOICE, key="push 1")
    row = Invoice.objects.get(qbk_invoice_id=made.qbk_id)
    assert (row.invoice_no, str(row.invoice_amount)) == ("W-1", "100.00")
    assert document("Invoice", made.qbk_id) == company.read("Invoice", made.qbk_id)
    assert reads() == before
    call = ApiCall.objects.get(operation="create")
    assert (call.entity, call.object_ids, call.is_metered, call.connection) == (
        "Invoice",
        [made.qbk_id],
        False,
        imported,
    )
    assert call.request_id
    assert call.intuit_tid


def test_a_push_repeated_after_a_crash_before_the_answer_was_saved_makes_one_object(
    company: Company, imported: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(company.all("Invoice"))

    def crash(**given: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(answers, "save", crash)
        with pytest.raises(SystemExit), object_writer(connection=imported, now=company.clock) as writer:
            writer.create(entity="Invoice", fields=INVOICE, key="push 1")
    assert not Invoice.objects.filter(invoice_no="W-1").exists()
    with object_writer(connection=imported, now=company.clock) as writer:
        made = writer.create(entity="Invoice", fields=INVOICE, key="push 1")
    assert len(company.all("Invoice")) == before + 1
    assert Invoice.objects.get(invoice_no="W-1").qbk_invoice_id == made.qbk_id
    assert ApiCall.objects.filter(operation="create").values_list("request_id").distinct().count() == 1


def test_a_change_repeated_after_a_crash_is_made_once(
    company: Company, imported: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = company.bill()
    change: dict[str, Any] = {"entity": "Invoice", "qbk_id": invoice["Id"], "fields": {"PrivateNote": "Seen"}}
    with object_writer(connection=imported, now=company.clock) as writer:
        writer.update(entity="Invoice", qbk_id=invoice["Id"], fields={"PrivateNote": "First"}, key="0")
        with monkeypatch.context() as patch:
            patch.setattr(answers, "save", lambda **given: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                writer.update(**change, key="1")
        again = writer.update(**change, key="1")
    assert company.read("Invoice", invoice["Id"])["SyncToken"] == again.sync_token == "2"


def test_the_old_answer_to_a_repeated_request_does_not_bring_back_a_former_name(
    company: Company, imported: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """QuickBooks answers as it did at first. A rename since then has left the version of the invoice as it was."""
    with object_writer(connection=imported, now=company.clock) as writer:
        with monkeypatch.context() as patch:
            patch.setattr(answers, "save", lambda **given: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                writer.create(entity="Invoice", fields=INVOICE, key="1")
        company.edit("Customer", "1", DisplayName="A New Name")
        company.clock.advance(minutes=1)
        read(imported, company.clock)
        made = writer.create(entity="Invoice", fields=INVOICE, key="1")
    assert Invoice.objects.get(qbk_invoice_id=made.qbk_id).company_name == "A New Name"
    company.assert_matches_quickbooks(imported)


def test_a_stale_change_is_merged_with_what_somebody_changed_meanwhile(company: Company, imported: Connection) -> None:
    with object_writer(connection=imported, now=company.clock) as writer:
        made = writer.create(entity="Invoice", fields=INVOICE, key="make")
        company.edit("Invoice", made.qbk_id, PrivateNote="Theirs")
        memo = {"CustomerMemo": {"value": "Pay to us"}}
        changed = writer.update(entity="Invoice", qbk_id=made.qbk_id, fields=memo, key="memo")
    found = company.read("Invoice", made.qbk_id)
    assert (found["PrivateNote"], found["CustomerMemo"]["value"]) == ("Theirs", "Pay to us")
    assert document("Invoice", made.qbk_id)["SyncToken"] == changed.sync_token
    assert [call.title for call in ApiCall.objects.filter(entity="Invoice").order_by("pk")][-3:] == [
        "update Invoice",
        "read Invoice",
        "update Invoice",
    ]


def test_the_same_field_changed_by_somebody_else_is_theirs(company: Company, imported: Connection) -> None:
    with object_writer(connection=imported, now=company.clock) as writer:
        made = writer.create(entity="Invoice", fields=INVOICE, key="make")
        company.edit("Invoice", made.qbk_id, PrivateNote="Theirs")
        with pytest.raises(EditConflict) as conflict:
            writer.update(entity="Invoice", qbk_id=made.qbk_id, fields={"PrivateNote": "Ours"}, key="note")
    assert conflict.value.fields == {"PrivateNote"}
    assert company.read("Invoice", made.qbk_id)["PrivateNote"] == "Theirs"
    assert document("Invoice", made.qbk_id)["PrivateNote"] == "Theirs", "the next attempt decides on what is true"


def test_an_object_that_changes_twice_meanwhile_is_left(
    company: Company, imported: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with object_writer(connection=imported, now=company.clock) as writer:
        made = writer.create(entity="Invoice", fields=INVOICE, key="make")
        company.edit("Invoice", made.qbk_id, PrivateNote="Theirs")
        read = writer._read

        def read_and_lose(entity: str, qbk_id: str) -> Any:
            found = read(entity, qbk_id)
            company.edit("Invoice", made.qbk_id, PrivateNote="Theirs again")
            return found

        monkeypatch.setattr(writer, "_read", read_and_lose)
        with pytest.raises(StaleObject):
            writer.update(entity="Invoice", qbk_id=made.qbk_id, fields={"CustomerMemo": {"value": "X"}}, key="memo")
    assert "CustomerMemo" not in company.read("Invoice", made.qbk_id)


@pytest.mark.parametrize("end", ["delete", "void"])
def test_an_invoice_that_changed_meanwhile_is_not_ended(company: Company, imported: Connection, end: str) -> None:
    with object_writer(connection=imported, now=company.clock) as writer:
        made = writer.create(entity="Invoice", fields=INVOICE, key="make")
        company.edit("Invoice", made.qbk_id, PrivateNote="Disputed")
        with pytest.raises(StaleObject):
            getattr(writer, end)(entity="Invoice", qbk_id=made.qbk_id, key="end")
        assert document("Invoice", made.qbk_id)["PrivateNote"] == "Disputed"
        getattr(writer, end)(entity="Invoice", qbk_id=made.qbk_id, key="end, knowing it")
    row = Invoice.objects.get(qbk_invoice_id=made.qbk_id)
    assert row.books_status == {"delete": "deleted", "void": "voided"}[end]


@pytest.mark.parametrize("state", [State.REQUESTED, State.PROPOSED, State.PROPOSAL_ACCEPTED])
def test_an_invoice_on_its_way_to_be_bought_is_not_ended(company: Company, imported: Connection, state: str) -> None:
    with object_writer(connection=imported, now=company.clock) as writer:
        made = writer.create(entity="Invoice", fields=INVOICE, key="make")
        Invoice.objects.filter(qbk_invoice_id=made.qbk_id).update(state=state)
        with pytest.raises(ForbiddenWrite):
            writer.void(entity="Invoice", qbk_id=made.qbk_id, key="end")
    assert company.read("Invoice", made.qbk_id)["TotalAmt"] == 100
    assert not ApiCall.objects.filter(operation="void").exists()


def test_a_payment_applied_by_us_keeps_the_credit_that_it_carries(company: Company, imported: Connection) -> None:
    first, second, memo = company.bill(amount="50.00"), company.bill(amount="30.00"), company.credit(amount="20.00")
    lines = [laid(first, "50.00", "Invoice"), laid(memo, "20.00", "CreditMemo")]
    body = {"CustomerRef": {"value": "1"}, "TotalAmt": 60, "Line": lines}
    with object_writer(connection=imported, now=company.clock) as writer:
        paid = writer.create(entity="Payment", fields=body, key="pay")
        writer.update(
            entity="Payment", qbk_id=paid.qbk_id, fields={"Line": [laid(second, "30.00", "Invoice")]}, key="apply"
        )
    kinds = [one["LinkedTxn"][0]["TxnType"] for one in document("Payment", paid.qbk_id)["Line"]]
    assert sorted(kinds) == ["CreditMemo", "Invoice", "Invoice"]


def test_an_object_that_infactor_does_not_import_is_kept_too(company: Company, imported: Connection) -> None:
    with object_writer(connection=imported, now=company.clock) as writer:
        made = writer.create(entity="Term", fields={"Name": "Net 45", "DueDays": 45}, key="make")
        before = reads()
        writer.update(entity="Term", qbk_id=made.qbk_id, fields={"DueDays": 44}, key="change")
        writer.inactivate(entity="Term", qbk_id=made.qbk_id, key="end")
    assert reads() == before, "the stored answer gives the version"
    found = document("Term", made.qbk_id)
    assert (found["DueDays"], found["Active"], found["SyncToken"]) == (44, False, "2")
    row = Document.objects.get(entity="Term", qbk_id=made.qbk_id)
    assert [one.sync_token for one in row.versions.order_by("pk")] == ["0", "1"]


def test_an_object_that_is_gone_is_marked_here(company: Company, imported: Connection) -> None:
    with object_writer(connection=imported, now=company.clock) as writer:
        made = writer.create(entity="Invoice", fields=INVOICE, key="make")
        company.delete("Invoice", made.qbk_id)
        with pytest.raises(ObjectMissing):
            writer.update(entity="Invoice", qbk_id=made.qbk_id, fields={"PrivateNote": "x"}, key="note")


def test_a_batch_keeps_what_was_made_and_tells_what_was_not(company: Company, imported: Connection) -> None:
    taken = company.read("Customer", "1")["DisplayName"]
    items = [BatchItem(f"c{n}", Operation.CREATE, "Customer", {"DisplayName": f"Buyer {n}"}) for n in range(34)]
    items.insert(3, BatchItem("taken", Operation.CREATE, "Customer", {"DisplayName": taken}))
    with object_writer(connection=imported, now=company.clock) as writer:
        results = writer.batch(items, key="b")
        writer.batch(items, key="b")
    assert [type(one.error) for one in results if one.error] == [DuplicateName]
    assert Buyer.objects.filter(name__startswith="Buyer ").count() == 34
    assert ApiCall.objects.filter(operation="batch", is_metered=False).count() == 4


def test_an_edition_is_read_anew_before_it_is_the_reason_to_refuse(company: Company, imported: Connection) -> None:
    Connection.objects.filter(pk=imported.pk).update(
        edition="QuickBooks Online Simple Start", country="US", company_read_at=company.clock()
    )
    imported.refresh_from_db()
    with (
        object_writer(connection=imported, now=company.clock) as writer,
        pytest.raises(NotOffered, match="begins with QuickBooks Online Plus"),
    ):
        writer.create(entity="PurchaseOrder", fields={}, key="k")
    assert not ApiCall.objects.filter(entity="CompanyInfo", connection=imported).exists()
    company.clock.advance(days=1)
    with object_writer(connection=imported, now=company.clock) as writer, pytest.raises(Exception) as refused:  # noqa: PT011
        writer.create(entity="PurchaseOrder", fields={}, key="k")
    assert not isinstance(refused.value, NotOffered), "QuickBooks itself was asked"
    row = Connection.objects.get(pk=imported.pk)
    assert (row.edition, row.country, row.company_read_at) == ("QuickBooks Online Plus", "US", company.clock())


def test_writes_that_fail_open_the_circuit_for_all(company: Company, imported: Connection) -> None:
    company.faults.switch_on(Fault(kind="server_error", remaining=None))
    with object_writer(connection=imported, now=company.clock) as writer:
        for number in range(5):
            with pytest.raises(InternalFault):
                writer.create(entity="Invoice", fields=INVOICE, key=str(number))
        with pytest.raises(CircuitOpen):
            writer.create(entity="Invoice", fields=INVOICE, key="5")
    assert ApiCall.objects.filter(operation="create").count() == 5


def test_a_batch_takes_the_turns_that_keep_to_forty_a_minute(
    company: Company, imported: Connection, settings: Any
) -> None:
    settings.QUICKBOOKS_CALLS_PER_SECOND = 8
    at = company.clock()
    with object_writer(connection=imported, now=company.clock) as writer:
        RateLimitState.objects.update(next_call_at=None)
        writer.batch([BatchItem("a", Operation.CREATE, "Term", {"Name": "Net 5"})], key="b")
    assert RateLimitState.objects.get(pk=imported.pk).next_call_at == at + timedelta(seconds=1.5)


def test_a_document_that_is_sent_is_stored_as_sent(company: Company, imported: Connection) -> None:
    with object_writer(connection=imported, now=company.clock) as writer:
        made = writer.create(entity="Invoice", fields=INVOICE, key="make")
        writer.send(entity="Invoice", qbk_id=made.qbk_id, key="send", to="ap@buyer.example")
    assert document("Invoice", made.qbk_id)["EmailStatus"] == "EmailSent"


def test_a_change_that_the_books_hold_already_is_not_written_again(company: Company, imported: Connection) -> None:
    with object_writer(connection=imported, now=company.clock) as writer:
        made = writer.create(entity="Invoice", fields=INVOICE, key="make")
        company.edit("Invoice", made.qbk_id, PrivateNote="Seen")
        found = writer.update(entity="Invoice", qbk_id=made.qbk_id, fields={"PrivateNote": "Seen"}, key="note")
    assert found.sync_token == company.read("Invoice", made.qbk_id)["SyncToken"] == "1"


def test_an_object_that_never_was_here_is_read_before_it_is_changed(company: Company, imported: Connection) -> None:
    term = company.write("Term", {"Name": "Net 45", "DueDays": 45})
    with object_writer(connection=imported, now=company.clock) as writer:
        writer.update(entity="Term", qbk_id=term["Id"], fields={"DueDays": 44}, key="change")
        with pytest.raises(ObjectMissing):
            writer.update(entity="Term", qbk_id="99999", fields={"DueDays": 44}, key="nobody")
    assert document("Term", term["Id"])["DueDays"] == 44
