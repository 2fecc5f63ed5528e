"""Changes in QuickBooks appear on the supplier's pages, from a payment to a revoked grant."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from infactor.invoices.models import BooksPayment, Buyer, CreditMemo, Invoice, PaymentAllocation
from quickbooks_app import runs
from quickbooks_app.api import keyset_pagination
from quickbooks_app.auth import tokens
from quickbooks_app.documents import payloads
from quickbooks_app.models import ApiCall, Connection, Document, ImportRun
from quickbooks_app.sync import run_worker
from quickbooks_app.sync.run_errors import SliceOutcome
from tests.support.processes.sandbox_company import MAIN_REALM, Company, set_out

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(member: Client, company: Company) -> Connection:
    """The supplier's connection to the sandbox's main company, imported once."""
    member.get(company.consent(set_out(member)))
    sync()
    return Connection.objects.get()


def sync() -> ImportRun:
    """Import what has changed, as a worker does."""
    run = runs.request(connection=Connection.objects.select_related("company_file").get(), by=None, at=timezone.now())
    run_worker.process_run(run_id=run.pk, owner="me", now=timezone.now)
    run.refresh_from_db()
    return run


@pytest.fixture
def bill(held: Connection, company: Company) -> Callable[..., Invoice]:
    """Create an invoice in QuickBooks, import it, and return infactor's copy."""

    def write(amount: str = "250.00", **more: Any) -> Invoice:
        line = {
            "Amount": float(amount),
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": "1"}},
        }
        customer = Buyer.objects.filter(is_active=True, currency="USD", email__gt="").order_by("pk").first()
        assert customer is not None
        body = {"CustomerRef": {"value": customer.reference}, "Line": [line], **more}
        written = company.edit(MAIN_REALM, held.access_token, "Invoice", body)
        assert sync().state == "succeeded"
        return Invoice.objects.select_related("buyer").get(qbk_invoice_id=written["Id"])

    return write


def again(invoice: Invoice) -> Invoice:
    assert sync().state == "succeeded"
    invoice.refresh_from_db()
    return invoice


def test_a_new_invoice_arrives_with_its_number_its_buyer_and_its_address(bill: Callable[..., Invoice]) -> None:
    row = bill("1234.56", DocNumber="TEST-1")
    assert (row.invoice_no, row.books_status, row.state) == ("TEST-1", "open", "invoice_created")
    assert row.items[0]["Amount"] == Decimal("1234.56")
    assert row.invoice_amount == row.balance >= Decimal("1234.56")
    assert row.buyer is not None
    assert row.customer_reference == row.buyer.reference
    assert row.buyer_email in (row.company_email, row.buyer.email)


def test_a_payment_reaches_the_invoice_and_its_history(
    bill: Callable[..., Invoice], held: Connection, company: Company
) -> None:
    row = bill("250.00")
    total = row.invoice_amount
    assert total is not None

    def pay(amount: Decimal) -> None:
        linked = {"Amount": float(amount), "LinkedTxn": [{"TxnId": row.qbk_invoice_id, "TxnType": "Invoice"}]}
        body = {"CustomerRef": {"value": row.customer_reference}, "TotalAmt": float(amount), "Line": [linked]}
        company.edit(MAIN_REALM, held.access_token, "Payment", body)

    pay(Decimal("100.00"))
    assert (again(row).books_status, row.balance) == ("partly_paid", total - 100)
    pay(total - 100)
    assert (again(row).books_status, row.balance) == ("paid", Decimal("0.00"))
    statuses = [
        (change["from"], change["to"])
        for one in row.history.order_by("pk")
        for change in one.changes
        if change["field"] == "books_status"
    ]
    assert statuses == [("open", "partly_paid"), ("partly_paid", "paid")]


def test_a_void_reaches_the_invoice_and_leaves_its_state(
    bill: Callable[..., Invoice], held: Connection, company: Company
) -> None:
    row = bill(PrivateNote="Front yard")
    Invoice.objects.filter(pk=row.pk).update(state="ifactor_request")
    body = {"Id": row.qbk_invoice_id, "SyncToken": row.sync_token}
    company.edit(MAIN_REALM, held.access_token, "Invoice", body, operation="void")
    again(row)
    assert (row.books_status, row.invoice_amount, row.balance, row.state) == ("voided", 0, 0, "ifactor_request")
    assert row.private_note.startswith("Voided")


def test_a_second_reading_finds_nothing_new(held: Connection) -> None:
    written = set(Invoice.objects.values_list("pk", "updated_at"))
    run = sync()
    assert (run.kind, run.invoices_new, run.invoices_changed) == ("changes", 0, 0)
    assert set(Invoice.objects.values_list("pk", "updated_at")) == written


def test_small_pages_bring_what_one_large_page_brings(held: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = {(one.entity, one.qbk_id): payloads.read(one) for one in Document.objects.all()}
    for kept in (PaymentAllocation, BooksPayment, CreditMemo, Invoice, Buyer):
        kept.objects.all().delete()
    Document.objects.all().delete()
    monkeypatch.setattr(keyset_pagination, "PAGE_SIZE", 7)
    run = runs.request(connection=held, by=None, at=timezone.now(), kind=ImportRun.Kind.FULL)
    assert run_worker.process_run(run_id=run.pk, owner="me", now=timezone.now) is SliceOutcome.DONE
    assert {(one.entity, one.qbk_id): payloads.read(one) for one in Document.objects.all()} == bodies
    assert len(bodies) > 50


def test_a_token_that_ends_is_refreshed_once(held: Connection, company: Company) -> None:
    company.end_tokens("expire")
    total = company.state()["calls_total"]
    assert sync().state == "succeeded"
    assert sum("tokens/bearer" in path for path in company.calls_since(total)) == 1
    assert Connection.objects.get().token_version > held.token_version


def test_a_grant_that_was_taken_back_in_quickbooks_is_shown_and_asked_for_no_more(
    member: Client, held: Connection, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "INVALID_GRANT_GRACE", 0)
    company.end_tokens("disconnect")
    run = sync()
    assert run.state == "failed"
    row = Connection.objects.get()
    assert (row.status, row.access_token, row.refresh_token) == ("needs_attention", "", "")
    assert "Press Reconnect, then Connect at QuickBooks, as an administrator there. Nothing is lost." in " ".join(
        member.get("/quickbook/card").content.decode().split()
    )
    total = company.state()["calls_total"]
    assert runs.request_due(at=timezone.now()) == 0
    member.post(f"/quickbook/{held.public_id}/sync")
    assert company.state()["calls_total"] == total
    member.get(company.consent(set_out(member)))
    assert sync().state == "succeeded"


@pytest.mark.parametrize("kind", ["throttled", "server_error", "unavailable", "html", "expired_token"])
def test_trouble_for_one_call_passes(held: Connection, company: Company, kind: str) -> None:
    company.switch(kind, times="1", retry_after="0", xml="on")
    run = sync()
    if kind != "expired_token":
        assert (run.state, run.attempt) == ("queued", 1)
        ImportRun.objects.update(not_before=None)
        run = sync()
    assert run.state == "succeeded"


def test_every_call_has_the_id_that_quickbooks_knows_it_by(held: Connection, company: Company) -> None:
    known = {call["intuit_tid"] for call in company.state()["calls"]}
    ours = set(ApiCall.objects.filter(connection=held).values_list("intuit_tid", flat=True))
    assert ours
    assert ours <= known
