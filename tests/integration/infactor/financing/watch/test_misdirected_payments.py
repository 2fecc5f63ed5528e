"""A payment in the supplier's books that none of ours explains is a case, until the money is with infactor."""

from datetime import timedelta
from decimal import Decimal

import pytest

from infactor.core.models import OutgoingMail
from infactor.financing.advances import cases
from infactor.financing.collections import payments
from infactor.financing.models import Advance, Case
from infactor.financing.watch import forwarding, watching
from infactor.invoices.ingest import own_payments
from infactor.users.roles import NotAllowed
from tests.support.factories.suppliers import UserFactory
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.supplier_books import SupplierBooks

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(scenario: Scenario) -> SupplierBooks:
    return SupplierBooks(scenario)


def watched(scenario: Scenario) -> Case | None:
    """The open case of a payment that went astray, after the watch."""
    watching.watch(supplier_id=scenario.supplier.pk, at=scenario.now)
    assert not Case.objects.filter(kind=Case.Kind.CHANGED).exists()
    return Case.objects.filter(kind=Case.Kind.MISDIRECTED, closed_at__isnull=True).first()


def test_a_payment_that_none_of_ours_explains_is_a_case(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    scenario.later(20)
    books.pay(advance.invoice, amount="10000")
    case = watched(scenario)
    assert case is not None
    assert case.reason == "Payment of 10,000.00 USD received Nov 22, 2026, number CHQ-9001"
    assert (case.holds_reserve, case.holds_offers) == (True, False)
    mail = OutgoingMail.objects.get(key__startswith="financing.misdirected_opened:")
    assert "I will forward it" in mail.body
    assert watched(scenario) == case
    assert OutgoingMail.objects.filter(key__startswith="financing.misdirected_opened:").count() == 1


@pytest.mark.parametrize(
    ("days", "cents", "is_explained"), [(0, "0", True), (10, "1.00", True), (11, "0", False), (0, "1.01", False)]
)
def test_a_payment_of_ours_that_is_near_explains_it(
    scenario: Scenario, books: SupplierBooks, advance: Advance, days: int, cents: str, is_explained: bool
) -> None:
    scenario.later(20)
    scenario.pay(advance, "6000", value_date=scenario.today - timedelta(days=days))
    books.pay(advance.invoice, amount=f"{Decimal(6000) - Decimal(cents)}")
    assert (watched(scenario) is None) == is_explained


def test_a_payment_that_we_wrote_ourselves_is_none(scenario: Scenario, books: SupplierBooks, advance: Advance) -> None:
    books.pay(advance.invoice, amount="6000", is_own=True)
    assert watched(scenario) is None


def test_payments_that_the_books_split_or_join_are_explained(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    scenario.later(20)
    scenario.pay(advance, "3000")
    books.pay(advance.invoice, amount="1000")
    books.pay(advance.invoice, amount="2000")
    scenario.pay(advance, "1500")
    scenario.pay(advance, "1600")
    books.pay(advance.invoice, amount="3100")
    assert watched(scenario) is None
    books.pay(advance.invoice, amount="900")
    assert watched(scenario) is not None


def test_a_payment_that_waits_to_be_matched_explains_one(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    scenario.later(20)
    scenario.pay(None, "10000")
    books.pay(advance.invoice, amount="10000")
    assert watched(scenario) is None


def test_a_case_closes_by_itself_when_our_payment_is_recorded_later(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    scenario.later(20)
    books.pay(advance.invoice, amount="4000")
    case = watched(scenario)
    scenario.later(3)
    scenario.pay(advance, "4000", value_date=scenario.today - timedelta(days=2))
    assert watching.suppliers_due(at=scenario.now) == [scenario.supplier.pk]
    assert watched(scenario) is None
    assert case is not None
    case.refresh_from_db()
    assert case.outcome == Case.Outcome.EXPLAINED


def test_a_case_closes_by_itself_when_the_payment_was_an_error_in_the_books(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    wrong = books.pay(advance.invoice, amount="4000")
    assert watched(scenario) is not None
    books.delete_payment(wrong)
    assert watched(scenario) is None


def test_a_payment_on_no_invoice_with_the_amount_of_a_bought_one_is_a_case(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    scenario.invoice(advance.buyer, face="20000")
    books.receive_unapplied(advance.buyer, amount="2500")
    assert watched(scenario) is None
    books.receive_unapplied(advance.buyer, amount="10000")
    case = watched(scenario)
    assert case is not None
    assert case.reason.endswith("on no invoice yet")


def test_a_payment_for_a_settled_invoice_that_is_never_applied_stays_explained(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    twin = scenario.funded(scenario.invoice(advance.buyer, face="10000"))
    scenario.pay(twin, "10000")
    scenario.settle(Advance.objects.get(pk=twin.pk))
    books.receive_unapplied(advance.buyer, amount="10000")
    for _ in range(4):
        assert watched(scenario) is None
        scenario.later(10)
    books.receive_unapplied(advance.buyer, amount="10000")
    assert watched(scenario) is not None


def test_a_surplus_that_we_received_too_is_none(scenario: Scenario, books: SupplierBooks, advance: Advance) -> None:
    scenario.pay(advance, "10300")
    books.pay(advance.invoice, amount="10000", unapplied="300")
    assert watched(scenario) is None


def test_the_supplier_forwards_the_money_and_the_case_closes(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    scenario.later(20)
    books.pay(advance.invoice, amount="4000")
    case = watched(scenario)
    assert case is not None
    with pytest.raises(NotAllowed):
        forwarding.promise(case=case, by=UserFactory(), at=scenario.now)
    promised = forwarding.promise(case=case, by=scenario.owner, at=scenario.now)
    assert (promised.promised_amount, promised.forward_by) == (Decimal(4000), scenario.today + timedelta(days=5))
    asked = forwarding.instructions(case=promised, at=scenario.now)
    assert (asked.amount, asked.arrives_by, set(asked.pay_to) >= {"account", "reference"}) == (
        4000,
        promised.forward_by,
        True,
    )
    scenario.later(1)
    assert forwarding.promise(case=case, by=scenario.owner, at=scenario.now).promised_at == promised.promised_at
    scenario.later(3)
    assert watched(scenario) is not None
    scenario.later(20)  # late, but here
    scenario.pay(advance, "4000")
    assert watched(scenario) is None
    case.refresh_from_db()
    assert case.outcome == Case.Outcome.FORWARDED


@pytest.mark.parametrize(("promises", "days"), [(False, 2), (True, 5)])
def test_a_deadline_that_passes_makes_it_severe(
    scenario: Scenario, books: SupplierBooks, advance: Advance, promises: bool, days: int
) -> None:
    books.pay(advance.invoice, amount="4000")
    case = watched(scenario)
    assert case is not None
    if promises:
        forwarding.promise(case=case, by=scenario.owner, at=scenario.now)
    watched(scenario)
    scenario.later(days)
    assert watching.suppliers_due(at=scenario.now) == []
    scenario.later(1)
    assert watching.suppliers_due(at=scenario.now) == [scenario.supplier.pk]
    severe = watched(scenario)
    assert severe is not None
    assert (severe.severity, severe.holds_offers, severe.revision) == ("severe", True, 2)
    assert OutgoingMail.objects.filter(key__startswith="financing.misdirected_opened:").count() == 2


def test_staff_explain_a_payment_and_only_another_one_opens_the_case_again(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    books.pay(advance.invoice, amount="4000")
    case = watched(scenario)
    assert case is not None
    cases.close(case=case, outcome="explained", conclusion="An old cheque", by=scenario.operations, at=scenario.now)
    assert watched(scenario) is None
    books.pay(advance.invoice, amount="500")
    again = watched(scenario)
    assert again is not None
    assert "500.00" in again.reason
    assert "4,000.00" not in again.reason


def test_a_collection_that_the_bank_returns_explains_nothing_any_more(
    scenario: Scenario, books: SupplierBooks, advance: Advance
) -> None:
    collection = scenario.pay(advance, "4000")
    books.pay(advance.invoice, amount="4000")
    assert watched(scenario) is None
    payments.record_return(
        collection=collection, value_date=scenario.today, reason="No funds", by=scenario.operations, at=scenario.now
    )
    assert watched(scenario) is not None


def test_one_supplier_does_not_answer_for_another(scenario: Scenario, books: SupplierBooks, advance: Advance) -> None:
    other = build_scenario(name="Other")
    books.pay(advance.invoice, amount="4000")
    case = watched(scenario)
    assert case is not None
    with pytest.raises(NotAllowed):
        forwarding.promise(case=case, by=other.owner, at=scenario.now)


def test_the_writer_of_payments_is_asked_when_one_is_read(
    scenario: Scenario, books: SupplierBooks, advance: Advance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        own_payments, "_finders", [lambda file, numbers: {r for r, n in numbers.items() if n == "CHQ-9001"}]
    )
    books.pay(advance.invoice, amount="4000")
    assert watched(scenario) is None
    books.pay(advance.invoice, amount="500")
    assert watched(scenario) is not None
