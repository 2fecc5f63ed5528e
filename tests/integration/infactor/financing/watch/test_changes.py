"""A funded invoice that changes in its supplier's books opens a case, which closes when it is as before."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.financing import holds, scheduled_transitions
from infactor.financing.accounting.payoff import PayoffError
from infactor.financing.advances import cases, short_payments
from infactor.financing.advances.cases import CaseError
from infactor.financing.eligibility.catalogue import Rule
from infactor.financing.eligibility.reassessment import reassess
from infactor.financing.models import Advance, Case, PurchasedInvoice
from infactor.financing.origination.requests import RequestError
from infactor.financing.watch import watching
from infactor.users.roles import NotAllowed
from tests.support.scenarios.financing import Scenario
from tests.support.scenarios.supplier_books import SupplierBooks

pytestmark = pytest.mark.django_db
MINOR, SEVERE = "minor", "severe"


@pytest.fixture
def books(scenario: Scenario) -> SupplierBooks:
    return SupplierBooks(scenario)


def watched(scenario: Scenario) -> Case | None:
    """The open case of a change, after the watch."""
    watching.watch(supplier_id=scenario.supplier.pk, at=scenario.now)
    return Case.objects.filter(kind=Case.Kind.CHANGED, closed_at__isnull=True).first()


def fields(case: Case | None) -> list[tuple[str, str]]:
    return [] if case is None else [(one["field"], one["severity"]) for one in case.differences]


def mails(event: str) -> int:
    return OutgoingMail.objects.filter(key__startswith=f"financing.{event}:").count()


Edit = Callable[[SupplierBooks, Advance], Any]
CHANGES: dict[str, tuple[Edit, list[tuple[str, str]]]] = {
    "amount": (
        lambda books, one: books.edit(one.invoice, invoice_amount=Decimal(1000), balance=Decimal(1000)),
        [("Amount", SEVERE)],
    ),
    "raised amount": (
        lambda books, one: books.edit(one.invoice, invoice_amount=Decimal(12000), balance=Decimal(12000)),
        [("Amount", MINOR)],
    ),
    "buyer": (
        lambda books, one: books.edit(one.invoice, customer_reference=books.customer("Other").reference),
        [("Buyer", SEVERE)],
    ),
    "due date": (
        lambda books, one: books.edit(one.invoice, payable_date=one.recourse_on + timedelta(days=300)),
        [("Due date", MINOR)],
    ),
    "invoice date": (
        lambda books, one: books.edit(one.invoice, txn_date=books.scenario.today),
        [("Invoice date", MINOR)],
    ),
    "number": (lambda books, one: books.edit(one.invoice, invoice_no="NEW-1"), [("Number", MINOR)]),
    "tax": (lambda books, one: books.edit(one.invoice, tax_amount=Decimal(80)), [("Sales tax", MINOR)]),
    "lines": (
        lambda books, one: books.edit(one.invoice, items='[{"Description": "Scrap", "Amount": 10000}]'),
        [("Lines", MINOR)],
    ),
    "currency": (lambda books, one: books.edit(one.invoice, currency="EUR"), [("Currency", SEVERE)]),
    "void": (lambda books, one: books.void(one.invoice), [("In QuickBooks", SEVERE)]),
    "delete": (lambda books, one: books.delete(one.invoice), [("In QuickBooks", SEVERE)]),
    "deposit": (
        lambda books, one: books.edit(one.invoice, deposit=Decimal(6000), balance=Decimal(4000)),
        [("Deposit on the invoice", SEVERE)],
    ),
    "small credit memo": (
        lambda books, one: books.pay(one.invoice, amount="100", kind="CreditMemo"),
        [("Credit memo applied", MINOR)],
    ),
    "credit memo": (
        lambda books, one: books.pay(one.invoice, amount="5000", kind="CreditMemo"),
        [("Credit memo applied", SEVERE)],
    ),
    "journal entry": (
        lambda books, one: books.pay(one.invoice, amount="10000", kind="JournalEntry"),
        [("Journal entry applied", SEVERE)],
    ),
    "applied deposit": (
        lambda books, one: books.pay(one.invoice, amount="10000", kind="Deposit"),
        [("Deposit applied", SEVERE)],
    ),
    "refund": (
        lambda books, one: books.pay(one.invoice, amount="50", kind="RefundReceipt"),
        [("Refund applied", MINOR)],
    ),
    "unapplied credit": (
        lambda books, one: books.credit(one.buyer, amount="7000"),
        [("Open credit of the buyer", SEVERE)],
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_opens_a_case_that_names_the_field(
    scenario: Scenario, books: SupplierBooks, advance: Advance, change: str
) -> None:
    assert watched(scenario) is None
    edit, expected = CHANGES[change]
    edit(books, advance)
    case = watched(scenario)
    assert case is not None
    assert fields(case) == expected
    assert case.holds_offers == (expected[0][1] == SEVERE)


def test_a_balance_that_nothing_explains_is_a_change_once_the_books_are_read(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    books.lower(advance.invoice, Decimal(9000))
    assert watched(scenario) is None  # its payment may be read in the next second
    scenario.now += timedelta(minutes=3)
    assert watching.suppliers_due(at=scenario.now) == [scenario.supplier.pk]
    assert fields(watched(scenario)) == [("Open balance", SEVERE)]


def test_a_change_is_one_row_and_is_mailed_once_to_each(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    books.edit(advance.invoice, invoice_amount=Decimal(1000), balance=Decimal(1000))
    watched(scenario)
    sent = mails("changed_opened"), mails("staff_case")
    assert sent == (1, 3)  # the owner; the underwriter, operations and the approver, and nobody who only reads
    for _ in range(2):
        watched(scenario)
    books.edit(advance.invoice, invoice_no="NEW-1")
    case = watched(scenario)
    assert case is not None
    assert case.revision == 2
    assert (mails("changed_opened"), mails("staff_case")) == (2, 6)
    assert Case.objects.count() == 1
    assert "Number: " in OutgoingMail.objects.filter(key__startswith="financing.changed_opened").latest("pk").body


def test_a_case_closes_by_itself_when_the_books_are_as_bought_and_opens_again_when_it_recurs(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    before = advance.invoice.invoice_amount
    books.edit(advance.invoice, invoice_amount=Decimal(1000), balance=Decimal(1000))
    first = watched(scenario)
    books.edit(advance.invoice, invoice_amount=before, balance=before)
    assert watched(scenario) is None
    assert Case.objects.get().outcome == Case.Outcome.RESTORED
    books.edit(advance.invoice, invoice_amount=Decimal(1000), balance=Decimal(1000))
    again = watched(scenario)
    assert again == first
    assert list(
        AuditEvent.objects.filter(event__startswith="case.").order_by("pk").values_list("event", flat=True)
    ) == [
        "case.changed_opened",
        "case.changed_closed",
        "case.changed_reopened",
    ]


def test_what_staff_accept_stays_accepted_until_something_else_changes(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    books.pay(advance.invoice, amount="100", kind="CreditMemo")
    case = watched(scenario)
    assert case is not None
    with pytest.raises(NotAllowed):
        cases.close(case=case, outcome="accepted", conclusion="x", by=scenario.reader, at=scenario.now)
    with pytest.raises(CaseError, match="accepted as it is or explained"):
        cases.close(case=case, outcome="upheld", conclusion="Agreed", by=scenario.underwriter, at=scenario.now)
    cases.close(case=case, outcome="accepted", conclusion="Agreed", by=scenario.underwriter, at=scenario.now)
    assert watched(scenario) is None
    books.edit(advance.invoice, invoice_no="NEW-1")
    again = watched(scenario)
    assert again is not None
    assert again.reason.startswith("Number")


def test_a_severe_change_holds_the_reserve_and_new_offers_until_it_is_released(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    other = scenario.invoice(advance.buyer)
    books.void(advance.invoice)
    scheduled_transitions.apply_due(at=scenario.now)
    with pytest.raises(RequestError, match="must be cleared first"):
        scenario.request(other)
    assert holds.is_reserve_held(advance=advance)
    case = Case.objects.get()
    with pytest.raises(NotAllowed):
        cases.release_hold(case=case, reason="Known", by=scenario.reader, at=scenario.now)
    cases.release_hold(case=case, reason="Known", by=scenario.operations, at=scenario.now)
    assert not holds.is_reserve_held(advance=advance)
    scenario.request(other)
    assert watched(scenario) is not None  # it is still open
    books.delete(advance.invoice)
    again = watched(scenario)
    assert again is not None
    assert again.holds_offers  # released for what was known then


def test_a_collected_advance_with_a_held_reserve_is_not_settled(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    books.edit(advance.invoice, currency="EUR")
    case = watched(scenario)
    assert case is not None
    scenario.pay(advance, "10000")
    with pytest.raises(PayoffError, match=f"Case {case.pk} holds the reserve"):
        scenario.settle(Advance.objects.get(pk=advance.pk))


def test_dates_that_the_supplier_moves_do_not_move_our_calendar(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    due, recourse = advance.invoice.payable_date, advance.recourse_on
    books.edit(advance.invoice, payable_date=due + timedelta(days=300), txn_date=scenario.today)
    moved = Advance.objects.get(pk=advance.pk)
    assert (moved.due_on, moved.recourse_on) == (due, recourse)


def test_an_accepted_short_payment_explains_a_credit(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    short_payments.accept_short_payment(
        advance=advance,
        amount=Decimal(100),
        value_date=scenario.today,
        by=scenario.operations,
        at=scenario.now,
        reason="Broken cups",
    )
    books.pay(advance.invoice, amount="100", kind="CreditMemo")
    assert watched(scenario) is None


def test_the_buyers_credit_that_another_invoice_takes_is_no_change(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    scenario.invoice(advance.buyer, face="8000")
    books.credit(advance.buyer, amount="7000")
    assert watched(scenario) is None


def test_what_was_bought_is_never_changed(advance: Advance) -> None:
    kept = PurchasedInvoice.objects.get(pk=advance.pk)
    assert (kept.amount, kept.balance, kept.due_on) == (Decimal(10000), Decimal(10000), advance.invoice.payable_date)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE financing_purchasedinvoice SET amount = 1")


def test_a_watch_that_finds_nothing_new_is_not_due_again(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    assert watching.suppliers_due(at=scenario.now) == [scenario.supplier.pk]
    watched(scenario)
    assert watching.suppliers_due(at=scenario.now) == []
    books.edit(advance.invoice, invoice_no="NEW-1")
    assert watching.suppliers_due(at=scenario.now) == [scenario.supplier.pk]


def test_the_hold_is_a_rule_that_says_why(scenario: Scenario, books: SupplierBooks, advance: Advance) -> None:
    other = scenario.invoice(advance.buyer)
    books.delete(advance.invoice)
    watched(scenario)
    assessed = reassess(supplier=scenario.supplier, invoices=[other], at=scenario.now)[other.pk]
    assert assessed.deciding_rule == Rule.BOOKS_HOLD
