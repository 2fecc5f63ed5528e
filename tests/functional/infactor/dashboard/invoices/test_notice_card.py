"""A supplier reads on its invoice whether the buyer has a notice, has acknowledged it, or was released."""

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from infactor.financing.advances import repurchases
from infactor.financing.models import Advance
from infactor.financing.notices import acknowledgements
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario
from tests.support.scenarios.notices import notice_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


def page_of(client: Client, advance: Advance) -> str:
    page = client.get(reverse("dashboard:invoice", args=[advance.invoice.public_id])).content.decode()
    return html.unescape(" ".join(page.split()))


def test_the_invoice_tells_what_became_of_its_notice(client: Client, scenario: Scenario) -> None:
    client.force_login(scenario.owner)
    accepted = scenario.accepted(scenario.invoice(scenario.buyer("Cedar")))
    assert "Notice of assignment" not in page_of(client, accepted)

    advance = scenario.fund(accepted)
    notice = notice_of(advance)
    sent = page_of(client, advance)
    for shown in (notice.number, "Not acknowledged yet", "ap@buyer.example", "Notice of assignment sent to your buyer"):
        assert shown in sent

    acknowledgements.acknowledge(notice=notice, name="Ann Payable", ip=None, user_agent="", at=scenario.now)
    acknowledged = page_of(client, advance)
    assert "by <bdi>Ann Payable</bdi>" in acknowledged
    assert "Notice acknowledged by your buyer" in acknowledged

    today: dict[str, Any] = {"value_date": scenario.today, "by": scenario.operations, "at": scenario.now}
    money_out.leave(scenario, advance)
    repurchases.repurchase(advance=advance, reason="Unpaid", **today)
    released = page_of(client, advance)
    assert "We released your buyer: it pays this invoice to you" in released
    assert "Your buyer was released: it pays you" in released
