"""Staff pay out all accepted advances that nothing blocks at once; the others are named with why."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from infactor.financing.models import Advance, Approval
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus
from infactor.ledger.integrity import verify
from tests.support.admin_client import confirm, visible_text
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
PAGE = reverse("admin:financing_advance_fund_many")
LIST = reverse("admin:financing_advance_changelist")


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    def build() -> Scenario:
        scenario = build_scenario()
        scenario.terms(dual_control_threshold=Decimal(2000))
        return scenario

    return build


def accepted(scenario: Scenario, number: str, face: str = "1000") -> Advance:
    return scenario.accepted(scenario.invoice(scenario.buyer(), invoice_no=number, face=face))


def statuses(*advances: Advance) -> list[str]:
    return [Advance.objects.get(pk=one.pk).status for one in advances]


def test_what_nothing_blocks_is_paid_out_the_rest_is_named(client: Client, scenario: Scenario) -> None:
    first, second, voided, large = (
        accepted(scenario, "A-1"),
        accepted(scenario, "A-2"),
        accepted(scenario, "V-1"),
        accepted(scenario, "L-1", face="5000"),
    )
    Invoice.objects.filter(pk=voided.invoice_id).update(books_status=BooksStatus.VOIDED, balance=0)
    client.force_login(scenario.operations)
    assert PAGE in client.get(LIST).content.decode()
    shown = visible_text(client.get(PAGE))  # type: ignore[arg-type]
    assert f"{voided}, invoice V-1 QuickBooks says that invoice V-1 is voided." in shown
    assert statuses(first, second, voided, large) == ["accepted"] * 4  # looking changes nothing
    answer = confirm(client, PAGE)
    assert answer["Location"] == LIST
    after = visible_text(client.get(LIST))  # type: ignore[arg-type]
    assert "2 advances are paid out." in after
    assert statuses(first, second, voided, large) == ["funded", "funded", "accepted", "accepted"]
    assert Approval.objects.get().subject == large.ledger_owner
    assert verify(at=scenario.now).findings == []


def test_it_pays_nothing_twice_and_only_those_who_may(client: Client, scenario: Scenario) -> None:
    advance = accepted(scenario, "A-1")
    client.force_login(scenario.underwriter)
    assert client.get(PAGE).status_code == 403
    client.force_login(scenario.operations)
    token = client.get(PAGE).context["preview_token"]
    client.post(PAGE, {"preview_token": token})
    again = client.post(PAGE, {"preview_token": token})
    assert "The figures have changed" in visible_text(again)  # type: ignore[arg-type]
    assert advance.payouts.count() == 1
