"""Invoices by hand: added once, changed until somebody was asked, never beside the same one, and never by strangers."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from infactor.core.models import OutgoingMail
from infactor.core.transitions import TransitionNotAllowed
from infactor.documents.models import Kind
from infactor.documents.storage import CannotKeep, File
from infactor.financing.eligibility import reassessment
from infactor.financing.eligibility.catalogue import Outcome, Rule
from infactor.financing.origination import requests
from infactor.invoices import invoice_documents, receivables
from infactor.invoices.by_hand import documents, services
from infactor.invoices.by_hand.entry import Entry
from infactor.invoices.models import Buyer, CompanyFile, Invoice
from infactor.invoices.open_credits import open_credits
from infactor.invoices.states import BooksStatus, State
from infactor.users import roles
from infactor.verification import answers, preconditions
from infactor.verification import requests as verification_requests
from infactor.verification.models import Verification
from tests.support.factories.suppliers import ApprovedSupplierFactory, MembershipFactory
from tests.support.files import PDF
from tests.support.scenarios.financing import NOW, TODAY, Scenario
from tests.support.scenarios.verification import ask, token_of

pytestmark = pytest.mark.django_db
ENTRY = Entry(
    number="HAND-1",
    buyer_name="Cedar Inc",
    buyer_email="ap@cedar.example",
    issued=TODAY - timedelta(days=3),
    due=TODAY + timedelta(days=30),
    amount=Decimal("1200.00"),
    tax=Decimal("200.00"),
    currency="USD",
    description="Twelve chairs",
)


def add(scenario: Scenario, entry: Entry = ENTRY, **given: Any) -> Invoice:
    return services.add(
        **{"supplier": scenario.supplier, "entry": entry, "key": uuid.uuid4(), "by": scenario.owner, "at": NOW, **given}
    )


def outcome(invoice: Invoice, rule: Rule, scenario: Scenario) -> tuple[Outcome, str]:
    found = reassessment.assess_request(supplier=scenario.supplier, invoices=[invoice], at=NOW).as_listed[invoice.pk]
    result = next(one for one in found.results if one.rule is rule)
    return result.outcome, result.reason


def prove(invoice: Invoice, scenario: Scenario) -> None:
    for kind, mark in ((Kind.INVOICE, b" "), (Kind.DELIVERY, b"\n")):
        invoice_documents.upload(
            invoice=invoice, kind=kind, file=File(f"{kind}.pdf", PDF + mark), by=scenario.owner, at=NOW
        )


def confirm(invoice: Invoice) -> None:
    given = answers.SubmittedAnswer(answer=answers.Answer.ALL, name="Kim")
    answers.submit_answer(token=token_of(ask(invoice, at=NOW)), submitted=given, ip=None, at=NOW)


def test_an_invoice_needs_no_connection_and_the_same_form_twice_adds_one() -> None:
    membership = MembershipFactory(supplier=ApprovedSupplierFactory())
    key = uuid.uuid4()
    given: Any = {"supplier": membership.supplier, "entry": ENTRY, "key": key, "by": membership.user, "at": NOW}
    first, second = services.add(**given), services.add(**given)
    assert first.pk == second.pk
    assert (first.state, first.books_status, first.source) == (State.CREATED, BooksStatus.OPEN, "By hand")
    assert first.buyer is not None
    assert (first.buyer.name, first.buyer.is_business) == ("Cedar Inc", True)
    assert first.tax_details == {"TotalTax": Decimal("200.00")}


def test_a_customer_of_the_books_is_the_buyer_and_another_suppliers_is_not(scenario: Scenario) -> None:
    Buyer.objects.create(
        supplier=(other := ApprovedSupplierFactory()),
        company_file=CompanyFile.objects.create(supplier=other, source="QuickBooks", name="Other"),
        reference="1",
        name="Cedar Inc",
    )
    assert add(scenario).buyer.supplier_id == scenario.supplier.pk  # type: ignore[union-attr]
    known = scenario.buyer("Maple")
    assert add(scenario, ENTRY._replace(number="HAND-2", buyer_name="MAPLE, LLC")).buyer == known


def test_what_the_supplier_says_is_no_payment_history_and_no_credit(scenario: Scenario) -> None:
    buyer = scenario.buyer("Maple", paid=0, balance=Decimal("0.00"), books_updated_at=NOW)
    paid = add(scenario, ENTRY._replace(buyer_name="Maple", paid=Decimal("1200.00")))
    add(scenario, ENTRY._replace(buyer_name="Maple", number="HAND-2"))
    assert paid.books_status == BooksStatus.PAID
    assert receivables.buyers(supplier=scenario.supplier)[buyer.pk].paid_invoices == 0
    assert open_credits(supplier=scenario.supplier) == {}
    assert receivables.dilution(supplier=scenario.supplier, since=TODAY - timedelta(days=90), until=TODAY) == {}


def test_the_invoice_that_is_there_is_not_entered_again_and_one_that_may_be_it_is_asked_about(
    scenario: Scenario,
) -> None:
    scenario.invoice(
        scenario.buyer("Cedar"),
        face="1200",
        invoice_no="Invoice HAND-001",
        txn_date=ENTRY.issued,
        company_name="Cedar",
    )
    with pytest.raises(services.Known) as same:
        add(scenario, is_another=True)
    assert same.value.match.is_same
    other = ENTRY._replace(amount=Decimal("900.00"), number="INVOICE HAND-001")
    with pytest.raises(services.Known) as perhaps:
        add(scenario, other)
    assert not perhaps.value.match.is_same
    assert add(scenario, other, is_another=True).invoice_amount == Decimal("900.00")


def test_when_the_books_bring_the_same_invoice_neither_is_bought_until_one_is_deleted(scenario: Scenario) -> None:
    scenario.terms()
    by_hand = add(scenario)
    buyer = scenario.buyer("Cedar")
    imported = scenario.invoice(buyer, face="1200", invoice_no="HAND-1", txn_date=ENTRY.issued, company_name="Cedar")
    assert outcome(by_hand, Rule.DUPLICATE, scenario)[0] == Outcome.FAIL
    assert outcome(imported, Rule.DUPLICATE, scenario)[0] == Outcome.FAIL
    services.delete(invoice=by_hand, by=scenario.owner, at=NOW)
    assert outcome(imported, Rule.DUPLICATE, scenario)[0] == Outcome.PASS


def test_it_needs_documents_and_the_buyers_confirmation_whatever_the_terms(scenario: Scenario) -> None:
    scenario.terms()
    scenario.buyer("Cedar")
    invoice = add(scenario)
    assert outcome(invoice, Rule.DOCUMENTS, scenario) == (Outcome.NEEDS_ACTION, "no_documents")
    assert outcome(invoice, Rule.VERIFICATION, scenario) == (Outcome.NEEDS_ACTION, "by_hand")
    assert outcome(invoice, Rule.FRESHNESS, scenario) == (Outcome.PASS, "by_hand")
    prove(invoice, scenario)
    assert outcome(invoice, Rule.DOCUMENTS, scenario)[0] == Outcome.PASS
    with pytest.raises(requests.RequestError):
        scenario.request(invoice)


def test_confirmed_and_proved_it_is_requested_but_never_offered_by_itself(scenario: Scenario) -> None:
    scenario.terms(auto_offer_limit=Decimal(10**6))
    scenario.buyer("Cedar")
    invoice = add(scenario)
    prove(invoice, scenario)
    confirm(invoice)
    sent = Verification.objects.get(invoice=invoice)
    assert sent.address_changed, "the address is only the supplier's own word"
    made = scenario.request(Invoice.objects.get(pk=invoice.pk))
    assert not made.offers.exists()
    with pytest.raises(services.Frozen):
        services.delete(invoice=invoice, by=scenario.owner, at=NOW)


def test_a_correction_takes_a_confirmation_back_and_tells_the_buyer(scenario: Scenario) -> None:
    invoice = add(scenario)
    changed = services.change(
        invoice=invoice, entry=ENTRY._replace(amount=Decimal("1300.00")), by=scenario.owner, at=NOW
    )
    assert (changed.invoice_amount, changed.balance) == (Decimal("1300.00"), Decimal("1300.00"))
    assert [one["field"] for one in changed.history.get().changes] == ["invoice_amount", "balance", "items"]
    confirm(changed)
    assert preconditions.why_frozen(changed)
    with pytest.raises(services.Frozen, match="Your buyer was asked"):
        services.delete(invoice=invoice, by=scenario.owner, at=NOW)
    same = ENTRY._replace(amount=Decimal("1300.00"))
    assert services.change(invoice=invoice, entry=same, by=scenario.owner, at=NOW).state == State.ACCEPTED
    for _again in range(2):
        corrected = services.change(invoice=invoice, entry=ENTRY, by=scenario.owner, at=NOW)
    assert (corrected.state, corrected.invoice_amount) == (State.CREATED, Decimal("1200.00"))
    (told,) = OutgoingMail.objects.filter(subject__startswith="Corrected:")
    assert told.to == Verification.objects.get(invoice=invoice).to
    assert "no longer counts" in told.body
    assert answers.confirmations_by_invoice(invoices=[invoice.pk])[invoice.pk].has_changed
    with pytest.raises(TransitionNotAllowed):
        verification_requests.resubmit(invoice=corrected, by=scenario.owner, at=NOW)


def test_a_correction_withdraws_an_open_request_and_stops_at_financing(scenario: Scenario) -> None:
    scenario.terms()
    scenario.buyer("Cedar")
    invoice = add(scenario)
    prove(invoice, scenario)
    open_request = ask(invoice)
    services.change(invoice=invoice, entry=ENTRY._replace(amount=Decimal("1300.00")), by=scenario.owner, at=NOW)
    open_request.refresh_from_db()
    assert open_request.status == Verification.Status.WITHDRAWN
    confirm(Invoice.objects.get(pk=invoice.pk))
    scenario.request(Invoice.objects.get(pk=invoice.pk))
    with pytest.raises(services.Frozen, match="requested financing"):
        services.change(invoice=invoice, entry=ENTRY, by=scenario.owner, at=NOW)


def test_a_document_is_deleted_until_somebody_has_relied_on_it(scenario: Scenario) -> None:
    invoice = add(scenario)
    given: Any = {"invoice": invoice, "kind": Kind.INVOICE, "by": scenario.owner, "at": NOW}
    first = invoice_documents.upload(file=File("a.pdf", PDF), **given)
    second = invoice_documents.upload(file=File("b.pdf", PDF + b" "), replaces=first.public_id, **given)
    with pytest.raises(CannotKeep, match="replaced or deleted already"):
        documents.delete(invoice=invoice, document=first, by=scenario.owner, at=NOW)
    with pytest.raises(roles.NotAllowed):
        documents.delete(invoice=invoice, document=second, by=MembershipFactory().user, at=NOW)
    documents.delete(invoice=invoice, document=second, by=scenario.owner, at=NOW)
    assert not invoice_documents.of_supplier(invoice).exists()
    first.refresh_from_db()
    assert first.deleted_at is not None, "the versions before it go, too"
    prove(invoice, scenario)
    confirm(invoice)
    kept = invoice_documents.of_supplier(invoice).first()
    assert kept is not None
    with pytest.raises(CannotKeep, match=r"Kept for the record\. Your buyer was asked"):
        documents.delete(invoice=invoice, document=kept, by=scenario.owner, at=NOW)


def test_a_draft_may_lack_anything_and_is_submitted_later(scenario: Scenario) -> None:
    scenario.terms()
    draft = add(scenario, Entry(buyer_name="Cedar"), is_draft=True)
    assert draft.state == State.DRAFT
    with pytest.raises(services.Invalid) as wrong:
        services.change(invoice=draft, entry=Entry(buyer_name="Cedar"), by=scenario.owner, at=NOW)
    assert "number" in wrong.value.problems
    submitted = services.change(invoice=draft, entry=ENTRY, by=scenario.owner, at=NOW)
    assert submitted.state == State.CREATED
    with pytest.raises(services.Frozen):
        services.change(invoice=submitted, entry=ENTRY, by=scenario.owner, at=NOW, is_draft=True)


def test_a_stranger_and_an_imported_invoice_are_refused(scenario: Scenario) -> None:
    invoice, stranger = add(scenario), MembershipFactory().user
    with pytest.raises(roles.NotAllowed):
        services.delete(invoice=invoice, by=stranger, at=NOW)
    with pytest.raises(roles.NotAllowed):
        invoice_documents.upload(invoice=invoice, kind=Kind.INVOICE, file=File("a.pdf", PDF), by=stranger, at=NOW)
    with pytest.raises(services.Frozen, match="comes from QuickBooks"):
        services.delete(invoice=scenario.invoice(scenario.buyer()), by=scenario.owner, at=NOW)


def test_a_document_sent_twice_is_kept_once_and_a_new_version_replaces_it(scenario: Scenario) -> None:
    invoice = add(scenario)
    given: Any = {"invoice": invoice, "kind": Kind.INVOICE, "by": scenario.owner, "at": NOW}
    first = invoice_documents.upload(file=File("a.pdf", PDF), **given)
    assert invoice_documents.upload(file=File("a.pdf", PDF), **given) == first
    second = invoice_documents.upload(file=File("b.pdf", PDF + b" "), replaces=first.public_id, **given)
    assert (second.version, list(invoice_documents.of_supplier(invoice))) == (2, [second])
    with pytest.raises(CannotKeep):
        invoice_documents.upload(file=File("c.pdf", PDF + b"\n"), replaces=first.public_id, **given)
