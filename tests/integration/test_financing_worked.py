"""Unusual figures, each worked by hand: what a careful person of the trade would pay, charge and hold, to the cent."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from infactor.financing.models import Offer
from infactor.invoices.models import CreditMemo
from tests.financed import House, build_house

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    house = build_house()
    house.terms()
    return house


def test_the_house_offers_by_itself_no_more_than_it_may_however_little_an_invoice_was_worth_among_others(
    house: House,
) -> None:
    house.terms(automatic_up_to=Decimal(500), pair_limit=Decimal(1500))
    buyer = house.buyer("Cedar")
    house.invoice(buyer, payable_date=house.today + timedelta(days=50))
    # Among the two it brings 425, as it is due first; asked for by itself it keeps the room of both, and brings 850.
    request = house.request(house.invoice(buyer))
    assert request.lines.get().base == Decimal(500)
    assert not Offer.objects.exists()


def test_what_is_asked_for_bears_the_credits_of_its_buyer_as_before(house: House) -> None:
    buyer = house.buyer("Cedar")
    older, newer = (house.invoice(buyer, payable_date=house.today + timedelta(days=days)) for days in (40, 50))
    CreditMemo.objects.create(
        supplier=house.supplier,
        company_file=house.books,
        buyer=buyer,
        reference="CM-1",
        amount=Decimal(500),
        remaining=Decimal(300),
        currency="USD",
        issued_on=date(2026, 1, 1),
    )
    assert [house.offer(one).lines.get().advance for one in (older, newer)] == [Decimal(595), Decimal(850)]
