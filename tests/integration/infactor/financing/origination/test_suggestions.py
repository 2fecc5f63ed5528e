"""An amount is asked for: the cheapest invoices that bring it, and the most that is possible where they do not."""

from datetime import timedelta
from decimal import Decimal

import pytest

from infactor.financing.eligibility import recalculation as reckoning
from infactor.financing.origination import requests
from infactor.financing.origination import suggestions as suggesting
from infactor.financing.origination.suggestions import AmountRefused, Suggestion
from infactor.financing.pricing.cheapest_set import NotEnough
from infactor.financing.terms_in_force import NoTerms
from infactor.invoices.models import Invoice
from tests.support.scenarios.financing import House, build_house

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    made = build_house()
    made.terms()
    return made


def suggest(house: House, amount: str, currency: str = "USD") -> Suggestion:
    reckoning.recalculate(supplier_id=house.supplier.pk, at=house.now)
    return suggesting.suggest(supplier=house.supplier, currency=currency, amount=Decimal(amount), at=house.now)


def due(house: House, days: int, face: str) -> Invoice:
    return house.invoice(house.buyer(), face=face, payable_date=house.today + timedelta(days=days))


def test_the_invoice_that_is_paid_sooner_is_taken_first(house: House) -> None:
    later, sooner = due(house, 50, "1000"), due(house, 20, "1000")
    found = suggest(house, "850")
    assert [one.number for one in found.chosen] == [str(sooner)]
    assert [one.number for one in found.left_out] == [str(later)]
    assert (found.advance, found.fee, found.is_cheapest) == (Decimal(850), Decimal(15), True)
    (left,) = found.left_out
    assert (left.fee, left.days, left.cost) == (Decimal(25), 50, Decimal("2.94"))


def test_what_was_chosen_can_be_asked_for_as_it_is_and_why_is_kept(house: House) -> None:
    for days, face in ((20, "1000"), (40, "3000"), (52, "700")):
        due(house, days, face)
    found = suggest(house, "2500")
    invoices = Invoice.objects.filter(pk__in=[one.invoice_id for one in found.chosen])
    request = requests.ask(
        supplier=house.supplier,
        invoices=list(invoices),
        by=house.owner,
        at=house.now,
        asked_for=found.amount,
        why_these=found.record(),
    )
    request.refresh_from_db()
    assert request.asked_for == Decimal(2500)
    assert request.why_these["is_cheapest"] is True
    assert Decimal(request.why_these["advance"]) >= Decimal(2500)


def test_what_cannot_be_financed_is_not_counted_and_the_most_possible_is_told(house: House) -> None:
    due(house, 30, "1000")
    due(house, 2, "5000")
    house.request(due(house, 30, "800"))
    with pytest.raises(NotEnough) as refused:
        suggest(house, "851")
    assert refused.value.most == Decimal(850)


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "NaN", "Infinity", "1e20"])
def test_no_amount_of_money_is_refused(house: House, amount: str) -> None:
    with pytest.raises(AmountRefused):
        suggest(house, amount)


def test_a_currency_without_terms_is_refused(house: House) -> None:
    with pytest.raises(NoTerms):
        suggest(house, "100", "EUR")


def test_more_than_fit_into_one_request_are_chosen_from_the_largest(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggesting, "MOST_INVOICES", 2)
    for _ in range(4):
        due(house, 20, "1000")
    due(house, 55, "4000")
    found = suggest(house, "3400")
    assert len(found.chosen) <= 2
    assert found.advance >= Decimal(3400)
    assert not found.is_cheapest
    with pytest.raises(NotEnough) as refused:
        suggest(house, "5000")
    assert refused.value.most == Decimal(4250)
