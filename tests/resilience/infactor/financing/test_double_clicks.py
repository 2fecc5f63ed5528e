"""A double-clicked button performs its action once."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from infactor.financing.accounting import balances
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Payout
from infactor.ledger.integrity import verify
from infactor.users import roles
from infactor.users.models import User
from tests.support.admin_client import PREVIEW_TOKEN
from tests.support.processes.threads import committed_scenario, run_concurrently
from tests.support.scenarios import onboarding
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


def test_two_of_staff_who_press_the_same_buttons_at_once_settle_and_approve_once(scenario: Scenario) -> None:
    scenario.terms(dual_control_threshold=Decimal(10**6))
    advances = [scenario.funded(scenario.invoice(scenario.buyer())) for _ in range(2)]
    for advance in advances:
        scenario.pay(advance, "1000")

    def presses(person: User, address: str) -> Callable[[], object]:
        client = Client()
        client.force_login(person)
        seen = PREVIEW_TOKEN.search(client.get(address).content.decode())
        assert seen
        return lambda: client.post(address, {"preview_token": seen[1]})

    settle = reverse("admin:financing_advance_settle_clean")
    run_concurrently([presses(scenario.operations, settle), presses(scenario.approver, settle)])
    rebates = Payout.objects.filter(purpose=Payout.Purpose.REBATE)
    assert rebates.count() == 2
    keys = [str(one.pk) for one in rebates]
    lists = [f"{reverse('admin:financing_payout_approve_many')}?ids={','.join(one)}" for one in (keys, keys[::-1])]
    others = [onboarding.staff_member(roles.OPERATIONS) for _ in range(2)]
    run_concurrently([presses(person, one) for person, one in zip(others, lists, strict=True)])
    assert {one.status for one in rebates.all()} == {Payout.Status.APPROVED}
    assert verify(at=scenario.now).findings == []
