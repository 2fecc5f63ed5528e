"""The counts, sums and times on staff's work queues and financing lists are correct and take few queries."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Payout
from infactor.financing.origination import requests
from infactor.invoices.models import Invoice
from tests.support.factories.suppliers import UserFactory
from tests.support.scenarios.financing import Scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


def page_of(client: Client, address: str, **values: str) -> str:
    response = client.get(address, values)
    assert response.status_code == 200, address
    return " ".join(response.content.decode().split())


def test_a_detail_asks_as_often_for_many_lines_as_for_few(client: Client, scenario: Scenario) -> None:
    client.force_login(scenario.underwriter)

    def asked(model: str, pk: int, part: str) -> int:
        address = reverse(f"admin:financing_{model}_{part}", args=[pk])
        page_of(client, address)
        with CaptureQueriesContext(connection) as found:
            page_of(client, address)
        return len(found)

    def invoices(count: int) -> list[Invoice]:
        return [scenario.invoice(scenario.buyer(f"Buyer {number}")) for number in range(count)]

    few, many = scenario.request(*invoices(1)).pk, scenario.request(*invoices(5)).pk
    for part in ("change", "offer", "decline"):
        assert asked("financingrequest", many, part) <= asked("financingrequest", few, part)
    one, more = scenario.offer(*invoices(1)).pk, scenario.offer(*invoices(5)).pk
    assert asked("offer", more, "change") <= asked("offer", one, "change")
    short, long = scenario.funded(invoices(1)[0]), scenario.funded(invoices(1)[0])
    scenario.pay(short, "10.00")
    for _ in range(5):
        scenario.pay(long, "10.00")
    assert asked("advance", long.pk, "change") <= asked("advance", short.pk, "change")


def test_money_held_and_owed_is_counted_and_summed(client: Client, scenario: Scenario) -> None:
    client.force_login(scenario.operations)
    link = '<a href="/admin/financing/payout/balances/">{}</a></th>'
    queue = link + '<td><span class="figure">{}</span></td><td></td><td>{}</td>'
    page = page_of(client, reverse("admin:index"))
    for label in ("Surplus to remit", "Owed by suppliers"):
        assert queue.format(label, 0, "") in page
    scenario.arrive("40", targets=[AllocationTarget(Decimal(40), supplier=scenario.supplier)])
    amount = '<bdi class="money">$40.00</bdi>'
    assert queue.format("Surplus to remit", 1, amount) in page_of(client, reverse("admin:index"))


def test_every_moment_names_its_zone(client: Client, scenario: Scenario) -> None:
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    client.force_login(scenario.reader)
    shown = f"{advance.accepted_at:%b} {advance.accepted_at.day}, {advance.accepted_at:%Y, %H:%M} UTC"
    assert shown in page_of(client, reverse("admin:financing_advance_change", args=[advance.pk]))


def test_a_stranger_to_financing_sees_no_queue(client: Client, scenario: Scenario) -> None:
    client.force_login(UserFactory(is_staff=True))
    assert "Waiting for" not in page_of(client, reverse("admin:index"))


def test_a_withdrawn_line_waits_no_more(client: Client, scenario: Scenario) -> None:
    request = scenario.request(scenario.invoice(scenario.buyer("A")), scenario.invoice(scenario.buyer("B"), face="500"))
    requests.withdraw(line=request.lines.first(), by=scenario.owner, at=scenario.now)
    client.force_login(scenario.reader)
    page = page_of(client, reverse("admin:financing_financingrequest_changelist"))
    assert "$500.00" in page
    assert "$425.00" in page
    assert "$1,500.00" not in page
    assert Payout.objects.count() == 0
