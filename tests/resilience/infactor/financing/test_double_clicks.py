"""A button that is pressed twice before the first answer is there does what it says once."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from infactor.financing.accounting import journal
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Payout
from tests.support.pages.decisions import SEEN
from tests.support.processes.threads import at_once, committed_house
from tests.support.scenarios.financing import House

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house() -> House:
    return committed_house()


def pressed_twice(house: House, address: str, **form: str) -> list[int]:
    """How the two presses of the button on one open page were answered."""
    client = Client()
    client.force_login(house.operations)
    seen = SEEN.search(client.get(address).content.decode())
    assert seen
    answers: list[int] = []

    def press() -> None:
        again = Client()
        again.cookies = client.cookies
        answers.append(again.post(address, {**form, "seen": seen[1]}).status_code)

    at_once([press, press])
    return sorted(answers)


def test_a_part_of_what_is_held_is_passed_on_once(house: House) -> None:
    house.arrive("1000", targets=[AllocationTarget(Decimal(1000), supplier=house.supplier)])
    address = reverse("admin:financing_disbursement_pass_on", args=[house.supplier.pk, "USD"])
    assert pressed_twice(house, address, amount="400", value_date=house.today.isoformat()) == [200, 302]
    assert Payout.objects.get().amount == 400


def test_a_short_payment_is_allowed_once(house: House) -> None:
    advance = house.funded(house.invoice(house.buyer()))
    address = reverse("admin:financing_advance_short", args=[advance.pk])
    form = {"amount": "40", "value_date": house.today.isoformat(), "reason": "A credit memo"}
    assert pressed_twice(house, address, **form) == [200, 302]
    assert journal.outstanding(advance=advance).receivable == 960
