"""A supplier asks for an amount: infactor suggests the cheapest invoices for it, or the most that is available."""

from datetime import timedelta
from decimal import Decimal

import pytest

from infactor.financing.eligibility import recalculation
from infactor.financing.origination import requests, suggestions
from infactor.financing.origination.suggestions import InvalidRequestAmount, Suggestion
from infactor.financing.pricing.cheapest_set import InsufficientInvoices
from infactor.financing.terms_in_force import TermsNotSet
from infactor.invoices.models import Invoice
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


def suggest(scenario: Scenario, amount: str, currency: str = "USD") -> Suggestion:
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    return suggestions.suggest(supplier=scenario.supplier, currency=currency, amount=Decimal(amount), at=scenario.now)


def due(scenario: Scenario, days: int, face: str) -> Invoice:
    return scenario.invoice(scenario.buyer(), face=face, payable_date=scenario.today + timedelta(days=days))


def test_the_invoice_that_is_paid_sooner_is_taken_first(scenario: Scenario) -> None:
    later, sooner = due(scenario, 50, "1000"), due(scenario, 20, "1000")
    found = suggest(scenario, "850")
    assert [one.number for one in found.selected] == [str(sooner)]
    assert [one.number for one in found.excluded] == [str(later)]
    assert (found.advance, found.fee, found.is_cheapest) == (Decimal(850), Decimal(15), True)
    (left,) = found.excluded
    assert (left.fee, left.days, left.cost) == (Decimal(25), 50, Decimal("2.94"))


def test_what_was_chosen_can_be_asked_for_as_it_is_and_why_is_kept(scenario: Scenario) -> None:
    for days, face in ((20, "1000"), (40, "3000"), (52, "700")):
        due(scenario, days, face)
    found = suggest(scenario, "2500")
    invoices = Invoice.objects.filter(pk__in=[one.invoice_id for one in found.selected])
    request = requests.submit(
        supplier=scenario.supplier,
        invoices=list(invoices),
        by=scenario.owner,
        at=scenario.now,
        requested_amount=found.amount,
        selection_rationale=found.record(),
    )
    request.refresh_from_db()
    assert request.requested_amount == Decimal(2500)
    assert request.selection_rationale["is_cheapest"] is True
    assert Decimal(request.selection_rationale["advance"]) >= Decimal(2500)


def test_what_cannot_be_financed_is_not_counted_and_the_most_possible_is_told(scenario: Scenario) -> None:
    due(scenario, 30, "1000")
    due(scenario, 2, "5000")
    scenario.request(due(scenario, 30, "800"))
    with pytest.raises(InsufficientInvoices) as refused:
        suggest(scenario, "851")
    assert refused.value.available == Decimal(850)


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "NaN", "Infinity", "1e20"])
def test_no_amount_of_money_is_refused(scenario: Scenario, amount: str) -> None:
    with pytest.raises(InvalidRequestAmount):
        suggest(scenario, amount)


def test_a_currency_without_terms_is_refused(scenario: Scenario) -> None:
    with pytest.raises(TermsNotSet):
        suggest(scenario, "100", "EUR")


def test_more_than_fit_into_one_request_are_chosen_from_the_largest(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggestions, "MAX_INVOICES_PER_REQUEST", 2)
    for _ in range(4):
        due(scenario, 20, "1000")
    due(scenario, 55, "4000")
    found = suggest(scenario, "3400")
    assert len(found.selected) <= 2
    assert found.advance >= Decimal(3400)
    assert not found.is_cheapest
    with pytest.raises(InsufficientInvoices) as refused:
        suggest(scenario, "5000")
    assert refused.value.available == Decimal(4250)
