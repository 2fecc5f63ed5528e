"""Each kind of change after funding, made in QuickBooks, is a case as soon as its webhook is handled."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from infactor.core.business_day import business_day
from infactor.core.models import OutgoingMail
from infactor.financing import scheduled_transitions
from infactor.financing.advances import funding
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget, IncomingPayment
from infactor.financing.models import Advance, Case
from quickbooks_app import tasks
from quickbooks_app.models import Connection
from quickbooks_app.webhooks import processing
from tests.functional.quickbooks_app.sync.conftest import REALM, Company, Imported, Payload, line, read
from tests.functional.quickbooks_app.sync.test_changes_of_financed_invoices import (
    FinancedCompany,
    approved_with_an_eligible_invoice,
)
from tests.support.fakes.signed_webhooks import VERIFIER, cloud, cloud_event, signature

pytestmark = pytest.mark.django_db
Changed = Sequence[tuple[str, str]]  # kind and id of each object that the webhook names
Deliver = Callable[[Changed], None]


def funded_company(company: Company, connection: Connection) -> FinancedCompany:
    found = approved_with_an_eligible_invoice(company, connection)
    today = business_day(found.now())
    funding.fund(advance=found.accepted(), value_date=today, by=found.operations, at=found.now())
    scheduled_transitions.apply_due(at=found.now())
    return found


@pytest.fixture(scope="module")
def prepare() -> Callable[[Company, Connection], FinancedCompany]:
    return funded_company


@pytest.fixture
def funded(company: Company, imported: Connection, module_import: Imported) -> FinancedCompany:
    """The company with one funded invoice of 500."""
    return replace(module_import.prepared, company=company, connection=imported)


@pytest.fixture
def deliver(client: Client, funded: FinancedCompany, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Deliver:
    """Post the signed webhook, let the worker read what it names, and let what follows happen: ten seconds in all."""
    settings.QUICKBOOKS_WEBHOOK_VERIFIER = VERIFIER
    monkeypatch.setattr(tasks.process_webhooks, "apply_async", lambda arguments, **_: None)

    def deliver(changed: Changed) -> None:
        events = [cloud_event(REALM, qbk_id, f"qbo.{entity.lower()}.updated.v1") for entity, qbk_id in changed]
        body = cloud(*events)
        with time_machine.travel(funded.now(), tick=False):
            client.post(
                reverse("quickbooks:webhook"),
                body,
                content_type="application/json",
                headers={"intuit-signature": signature(body)},
            )
        funded.company.clock.advance(seconds=10)
        processing.process_pending(connection_id=funded.connection.pk, now=funded.company.clock)
        scheduled_transitions.apply_due(at=funded.now())

    return deliver


def bill_of(one: FinancedCompany) -> Changed:
    return [("Invoice", one.bill["Id"])]


def edited(**changes: object) -> Callable[[FinancedCompany], Changed]:
    def edit(one: FinancedCompany) -> Changed:
        one.company.edit("Invoice", one.bill["Id"], **changes)
        return bill_of(one)

    return edit


def cut(one: FinancedCompany) -> Changed:
    one.company.edit("Invoice", one.bill["Id"], Line=[{**one.bill["Line"][0], "Amount": 50.0}])
    return bill_of(one)


def with_document(make: Callable[[Company, Payload], tuple[Payload, Payload]]) -> Callable[[FinancedCompany], Changed]:
    """`make` returns the document and the payment of zero that lays it against the invoice."""

    def lay(one: FinancedCompany) -> Changed:
        _, payment = make(one.company, one.bill)
        return [*bill_of(one), ("Payment", payment["Id"])]

    return lay


def credited(company: Company, bill: Payload) -> tuple[Payload, Payload]:
    memo = company.credit(bill["CustomerRef"]["value"], "500.00")
    return memo, company.apply(memo, bill, "500.00")


def entered(kind: str) -> Callable[[Company, Payload], tuple[Payload, Payload]]:
    def enter(company: Company, bill: Payload) -> tuple[Payload, Payload]:
        entry = company.journal(bill["CustomerRef"]["value"], "500.00", kind)
        return entry, company.close(bill, entry, "500.00")

    return enter


def voided(one: FinancedCompany) -> Changed:
    one.company.void("Invoice", one.bill["Id"])
    return bill_of(one)


def deleted(one: FinancedCompany) -> Changed:
    one.company.delete("Invoice", one.bill["Id"])
    return bill_of(one)


CHANGES: dict[str, tuple[Callable[[FinancedCompany], Changed], str, str]] = {
    "amount": (cut, "Amount", "severe"),
    "due date": (edited(DueDate="2027-06-01"), "Due date", "minor"),
    "number": (edited(DocNumber="RENAMED"), "Number", "minor"),
    "buyer": (edited(CustomerRef={"value": "2"}), "Buyer", "severe"),
    "deposit": (edited(Deposit=450), "Deposit on the invoice", "severe"),
    "void": (voided, "In QuickBooks", "severe"),
    "delete": (deleted, "In QuickBooks", "severe"),
    "credit memo": (with_document(credited), "Credit memo applied", "severe"),
    "journal entry": (with_document(entered("JournalEntry")), "Journal entry applied", "severe"),
    "deposit on receivables": (with_document(entered("Deposit")), "Deposit applied", "severe"),
    "check": (with_document(entered("Check")), "Check applied", "severe"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_a_case_seconds_after_its_webhook(funded: FinancedCompany, deliver: Deliver, change: str) -> None:
    make, field, severity = CHANGES[change]
    deliver(make(funded))
    case = Case.objects.get(kind=Case.Kind.CHANGED)
    assert (case.differences[0]["field"], case.severity) == (field, severity)
    assert OutgoingMail.objects.filter(key__startswith="financing.changed_opened:").exists()
    told = OutgoingMail.objects.filter(key__startswith="financing.staff_case:").count()
    assert told == (2 if severity == "severe" else 0), "minor cases wait for the digest"


def test_lines_that_change_at_the_same_amount_are_a_case(funded: FinancedCompany, deliver: Deliver) -> None:
    other = {**line("500.00"), "Description": "Something else"}
    deliver(edited(Line=[other])(funded))
    assert [one["field"] for one in Case.objects.get().differences] == ["Lines"]


def test_a_payment_to_the_supplier_is_a_case_and_ours_explains_it_later(
    funded: FinancedCompany, deliver: Deliver
) -> None:
    paid = funded.company.pay(funded.bill, "500.00")
    deliver([*bill_of(funded), ("Payment", paid["Id"])])
    case = Case.objects.get()
    assert (case.kind, case.closed_at) == (Case.Kind.MISDIRECTED, None)
    arrival = IncomingPayment(
        currency="USD",
        amount=Decimal(500),
        value_date=business_day(funded.now()),
        bank_reference="B-1",
    )
    target = AllocationTarget(Decimal(500), advance=Advance.objects.get())
    payments.record(payment=arrival, targets=[target], by=funded.operations, at=funded.now())
    scheduled_transitions.apply_due(at=funded.now())
    case.refresh_from_db()
    assert case.outcome == Case.Outcome.EXPLAINED


@pytest.mark.parametrize("end", ["void", "delete"])
def test_a_payment_that_the_supplier_takes_back_closes_its_case(
    funded: FinancedCompany, deliver: Deliver, end: str
) -> None:
    paid = funded.company.pay(funded.bill, "500.00")
    both = [*bill_of(funded), ("Payment", paid["Id"])]
    deliver(both)
    getattr(funded.company, end)("Payment", paid["Id"])
    funded.company.clock.advance(minutes=1)
    deliver(both)
    assert Case.objects.get().outcome == Case.Outcome.EXPLAINED


def test_a_refund_of_what_the_supplier_got_is_no_second_case(funded: FinancedCompany, deliver: Deliver) -> None:
    sold = {"CustomerRef": funded.bill["CustomerRef"], "Line": [line("25.00")]}
    refund = funded.company.write("RefundReceipt", {**sold, "DepositToAccountRef": {"value": "35"}})
    deliver([("RefundReceipt", refund["Id"]), *bill_of(funded)])
    assert not Case.objects.exists()


def test_an_import_finds_what_no_webhook_told(funded: FinancedCompany) -> None:
    funded.company.void("Invoice", funded.bill["Id"])
    funded.company.clock.advance(minutes=5)
    read(funded.connection, funded.company.clock)
    scheduled_transitions.apply_due(at=funded.now())
    assert Case.objects.get().differences[0]["now"] == "Voided"


@pytest.mark.parametrize("kind", ["JournalEntry", "Deposit"])
def test_an_entry_on_no_invoice_is_found_by_the_customers_balance_seconds_after_its_webhook(
    funded: FinancedCompany, deliver: Deliver, kind: str
) -> None:
    for one in funded.company.all("Invoice"):
        other = one["Id"] != funded.bill["Id"] and one["CustomerRef"]["value"] == funded.bill["CustomerRef"]["value"]
        if other and one["Balance"]:
            funded.company.void("Invoice", one["Id"])
    read(funded.connection, funded.company.clock)
    entry = funded.company.journal(funded.bill["CustomerRef"]["value"], "400.00", kind)
    deliver([(kind, entry["Id"])])
    assert Case.objects.get().differences[0]["field"] == "Open credit of the buyer"


def test_a_journal_entry_that_is_gone_again_lets_the_company_be_read(funded: FinancedCompany, deliver: Deliver) -> None:
    entry = funded.company.journal(funded.bill["CustomerRef"]["value"], "400.00")
    funded.company.delete("JournalEntry", entry["Id"])
    deliver([("JournalEntry", entry["Id"])])
    funded.connection.refresh_from_db()
    assert funded.connection.next_sync_at is not None
    assert funded.connection.next_sync_at <= funded.now()
