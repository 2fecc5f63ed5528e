"""Staff see each notice, send it again, record an acknowledgement, and release the buyer after a write-off."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from infactor.financing.advances import write_offs
from infactor.financing.models import Advance, Notice
from infactor.financing.notices import issuance
from tests.support.admin_client import confirm, visible_text
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario
from tests.support.scenarios.notices import mails_of, notice_of, token_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


@pytest.fixture
def advance(scenario: Scenario) -> Advance:
    return scenario.funded(scenario.invoice(scenario.buyer("Cedar")))


@pytest.fixture
def notice(advance: Advance) -> Notice:
    return notice_of(advance)


def address(name: str, notice: Notice) -> str:
    return reverse(f"admin:financing_notice_{name}", args=[notice.pk])


def test_the_advance_and_the_notice_show_what_was_sent_but_no_link(
    client: Client, scenario: Scenario, notice: Notice
) -> None:
    client.force_login(scenario.reader)
    pages = [
        client.get(reverse("admin:financing_advance_change", args=[notice.advance_id])),
        client.get(address("change", notice)),
    ]
    for page in pages:
        assert notice.number in visible_text(page)  # type: ignore[arg-type]
        assert notice.to in visible_text(page)  # type: ignore[arg-type]
        assert token_in(mails_of(notice)[0]) not in page.content.decode()
        assert notice.links[0] not in page.content.decode()
    assert "Send again" not in visible_text(pages[1])  # type: ignore[arg-type]
    assert client.get(address("resend", notice)).status_code == 403


def test_operations_send_it_again_and_record_a_call(client: Client, scenario: Scenario, notice: Notice) -> None:
    client.force_login(scenario.operations)
    refused = confirm(client, address("resend", notice), to=scenario.owner.email)
    assert "address of your own company" in visible_text(refused)
    assert confirm(client, address("resend", notice), to="pay@buyer.example").status_code == 302
    assert mails_of(notice, "resent")[0].to == "pay@buyer.example"
    assert confirm(client, address("acknowledge", notice), channel="letter", name="Ann").status_code == 302
    notice.refresh_from_db()
    assert (notice.status, notice.channel, notice.recorded_by) == ("acknowledged", "letter", scenario.operations)
    shown = visible_text(client.get(address("change", notice)))  # type: ignore[arg-type]
    assert "Record an acknowledgement" not in shown


def test_only_the_buyer_of_a_written_off_invoice_is_released_by_hand(
    client: Client, scenario: Scenario, advance: Advance, notice: Notice
) -> None:
    client.force_login(scenario.operations)
    assert client.get(address("release", notice)).status_code == 302
    money_out.leave(scenario, advance)
    write_offs.write_off(
        advance=advance, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="Insolvent"
    )
    assert confirm(client, address("release", notice)).status_code == 302
    assert notice_of(advance).status == Notice.Status.RELEASED


def test_a_buyer_that_stays_silent_is_a_call_in_the_queue(client: Client, scenario: Scenario, notice: Notice) -> None:
    client.force_login(scenario.operations)
    for days in (5, 10):
        issuance.remind_due(at=scenario.now + timedelta(days=days))
    label = "Buyers to call: notice not acknowledged"
    for days, waits in ((14, False), (15, True)):
        with time_machine.travel(scenario.now + timedelta(days=days), tick=False):
            client.force_login(scenario.operations)
            page = visible_text(client.get(reverse("admin:index")))  # type: ignore[arg-type]
            assert (f"{label} 1" in page) is waits
