"""Staff's financing lists open, take few queries, escape text, and add up what waits."""

from collections.abc import Callable

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from prometheus_client import generate_latest

from infactor.core.health import metrics
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.sample_data import CANARY, create_sample_data

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
MODELS = (
    "advance",
    "approval",
    "case",
    "collection",
    "debtormark",
    "payout",
    "financingrequest",
    "notice",
    "fundingterms",
    "limit",
    "offer",
    "override",
)


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    def build() -> Scenario:
        scenario = build_scenario(name=f"Larkspur {CANARY}")
        scenario.terms()
        with time_machine.travel(scenario.now, tick=False):
            create_sample_data(scenario, 1)
        return scenario

    return build


def page_of(client: Client, address: str, **values: str) -> str:
    response = client.get(address, values)
    assert response.status_code == 200, address
    return " ".join(response.content.decode().split())


def test_every_list_asks_as_often_for_many_as_for_few_and_shows_text_inert(client: Client, scenario: Scenario) -> None:
    client.force_login(scenario.operations)
    addresses = [reverse(f"admin:financing_{model}_changelist") for model in MODELS]
    addresses += [reverse("admin:index"), reverse("admin:financing_payout_balances")]
    before = {}
    for address in addresses:
        page_of(client, address)
        with CaptureQueriesContext(connection) as asked:
            page_of(client, address)
        before[address] = len(asked)
    create_sample_data(scenario, 2)
    create_sample_data(scenario, 3)
    for address in addresses:
        with CaptureQueriesContext(connection) as asked:
            page = page_of(client, address)
        assert CANARY not in page, address
        assert len(asked) <= before[address], address
    assert before[reverse("admin:index")] < 30


def test_every_page_of_every_stage_opens_and_shows_text_inert(client: Client, scenario: Scenario) -> None:
    for reader in (scenario.reader, scenario.underwriter, scenario.operations):
        client.force_login(reader)
        for model in MODELS:
            address = reverse(f"admin:financing_{model}_changelist")
            page = page_of(client, address)
            for pk in {part.split("/")[0] for part in page.split(f'href="{address}')[1:] if part[0].isdigit()}:
                detail = page_of(client, reverse(f"admin:financing_{model}_change", args=[pk]))
                assert CANARY not in detail
                assert 'name="_save"' not in detail


def test_lists_are_searched_and_filtered_as_the_queues_lead_there(client: Client, scenario: Scenario) -> None:
    client.force_login(scenario.reader)
    for address, expected in (
        ("financingrequest/?waiting=yes", "1 financing request"),
        ("offer/?status=proposed", "1 offer"),
        ("advance/?status__exact=accepted", "1 advance"),
        ("advance/?status__exact=collected", "1 advance"),
        ("advance/?open=dispute", "1 advance"),
        ("advance/?open=late", "Nothing here matches"),
        ("collection/?unmatched=yes", "1 payment"),
        ("collection/?unmatched=no", "2 payments"),
        ("payout/?status__in=returned,stopped", "1 payout"),
        ("case/?open=yes&kind__exact=dispute", "1 case"),
        ("approval/?waiting=yes", "1 approval"),
        ("limit/?in_force=yes", "1 limit"),
        ("limit/?in_force=no", "1 limit"),
        ("override/?in_force=yes", "1 override"),
        ("advance/?q=Larkspur", "4 advances"),
        ("advance/?q=99999999999999999999", "Nothing here matches"),
        ("collection/?q=BANK-2", "1 payment"),
        ("collection/?q=no.number", "Nothing here matches"),
        ("payout/?q=850.00", "3 payouts"),
    ):
        path = f"/admin/financing/{address}"
        assert page_of(client, path).count(expected), path


def test_the_home_page_shows_each_role_its_own_queues_first(client: Client, scenario: Scenario) -> None:
    seen = {}
    for reader in (scenario.underwriter, scenario.operations, scenario.reader):
        client.force_login(reader)
        page = page_of(client, reverse("admin:index"))
        seen[reader] = page.partition("Waiting for others")
    mine = seen[scenario.underwriter][0]
    assert "Requests to price" in mine
    assert "$1,000.00" in mine
    assert "Accepted advances to pay out" not in mine
    assert "Accepted advances to pay out" in seen[scenario.underwriter][2]
    assert "Approvals to decide" in mine
    ours = seen[scenario.operations][0]
    labels = ("Payments to match", "Record a payment", "Import a statement", "Returned payouts")
    for label in labels:
        assert label in ours
    assert "Owed by suppliers" in "".join(seen[scenario.operations])  # empty, so it is folded
    assert "$5.00" in ours
    assert "$3.00" in ours
    assert "Waiting for you" not in seen[scenario.reader][0]
    assert "Record a payment" not in "".join(seen[scenario.reader])


def test_what_one_asked_for_does_not_wait_for_oneself(client: Client, scenario: Scenario) -> None:
    client.force_login(scenario.operations)
    line = '<a href="/admin/financing/approval/?waiting=yes">Approvals to decide</a></th>'
    assert f'{line}<td><span class="figure">0</span></td>' in page_of(client, reverse("admin:index"))


def test_metrics_count_the_money_that_waits_and_name_nobody(scenario: Scenario) -> None:
    found = generate_latest(metrics.registry()).decode()
    for sample in (
        'infactor_money_waiting{currency="USD",stage="requested"} 1000.0',
        'infactor_money_waiting_items{currency="USD",stage="to_pay_out"} 1.0',
        'infactor_money_waiting_items{currency="USD",stage="payout_returned"} 1.0',
        'infactor_cases_open{kind="dispute"} 1.0',
        'infactor_ledger_balance{currency="USD",purpose="unapplied_cash"} 5.0',
    ):
        assert sample in found, found
    assert "Larkspur" not in found
