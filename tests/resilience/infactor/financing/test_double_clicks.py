"""A double-clicked button performs its action once."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from infactor.financing.accounting import balances
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Payout
from tests.support.admin_client import PREVIEW_TOKEN
from tests.support.processes.threads import committed_scenario, run_concurrently
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scenario() -> Scenario:
    return committed_scenario()


def pressed_twice(scenario: Scenario, address: str, **form: str) -> list[int]:
    """The responses to two presses of the button on one open page."""
    client = Client()
    client.force_login(scenario.operations)
    seen = PREVIEW_TOKEN.search(client.get(address).content.decode())
    assert seen
    answers: list[int] = []

    def press() -> None:
        again = Client()
        again.cookies = client.cookies
        answers.append(again.post(address, {**form, "preview_token": seen[1]}).status_code)

    run_concurrently([press, press])
    return sorted(answers)


def test_a_part_of_what_is_held_is_passed_on_once(scenario: Scenario) -> None:
    scenario.arrive("1000", targets=[AllocationTarget(Decimal(1000), supplier=scenario.supplier)])
    address = reverse("admin:financing_payout_remit", args=[scenario.supplier.pk, "USD"])
    assert pressed_twice(scenario, address, amount="400", value_date=scenario.today.isoformat()) == [200, 302]
    assert Payout.objects.get().amount == 400


def test_a_short_payment_is_allowed_once(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    address = reverse("admin:financing_advance_short_payment", args=[advance.pk])
    form = {"amount": "40", "value_date": scenario.today.isoformat(), "reason": "A credit memo"}
    assert pressed_twice(scenario, address, **form) == [200, 302]
    assert balances.outstanding(advance=advance).receivable == 960
