"""A buyer reads the notice on the page of its invoice, acknowledges it there, and reads its release there."""

import html
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from infactor.core.models import AuditEvent
from infactor.financing.advances import repurchases
from infactor.financing.models import Advance, Notice
from infactor.financing.notices import issuance, links, releases
from infactor.invoices.models import Invoice
from infactor.verification import answers, requests
from infactor.verification.answers import Answer, SubmittedAnswer
from tests.support import pdf
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario
from tests.support.scenarios.notices import mails_of, notice_of, token_in
from tests.support.scenarios.verification import token_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
ACKNOWLEDGE = {"acknowledge": "yes", "name": "Ann Payable"}
ACCOUNT = settings.PAY_TO["account"]


@pytest.fixture
def invoice(scenario: Scenario) -> Invoice:
    return scenario.invoice(scenario.buyer("Cedar"))


@pytest.fixture
def question(scenario: Scenario, invoice: Invoice) -> str:
    """The page of the link by which the buyer confirmed the invoice."""
    return ask_and_confirm(scenario, invoice, "ap@buyer.example")


@pytest.fixture
def advance(scenario: Scenario, invoice: Invoice, question: str) -> Advance:
    return scenario.funded(invoice)


@pytest.fixture
def address(advance: Advance) -> str:
    return f"/buyer/{token_in(mails_of(notice_of(advance))[0])}/"


def ask_and_confirm(scenario: Scenario, invoice: Invoice, to: str) -> str:
    drafted = requests.draft(invoice=invoice, by=scenario.owner, at=scenario.now)
    sent = requests.approve_and_send(
        verification=drafted,
        by=scenario.owner,
        subject=drafted.subject,
        body=drafted.body,
        to=to,
        at=scenario.now,
    )
    token = token_of(sent)
    answers.submit_answer(token=token, submitted=SubmittedAnswer(Answer.ALL, "Ann"), ip=None, at=scenario.now)
    return f"/buyer/{token}/"


def text_of(client: Client, address: str) -> str:
    return html.unescape(client.get(address).content.decode())


def test_the_answered_page_names_no_account_before_the_invoice_is_bought(client: Client, question: str) -> None:
    page = text_of(client, question)
    assert "Thank you for your response" in page
    assert ACCOUNT not in page
    assert "infactor's account" not in page


def test_it_shows_what_was_sold_where_to_pay_and_who_says_so(client: Client, address: str, advance: Advance) -> None:
    page = text_of(client, address)
    notice = notice_of(advance)
    for shown in (
        f"Notice {notice.number} is valid",
        f"Notice of assignment: invoice <bdi>{advance.invoice}</bdi>",
        ACCOUNT,
        notice.facts["pay_to"]["reference"],
        "$1,000.00",
        "Invoice financing agreement (sample)",
        "Your response: invoice",
    ):
        assert shown in page
    assert notice.opened_at is not None


def test_it_can_be_kept_as_pdf(client: Client, address: str, advance: Advance) -> None:
    notice = notice_of(advance)
    assert f"{address}notice.pdf" in text_of(client, address)
    response = client.get(f"{address}notice.pdf")
    assert response["Content-Disposition"] == f'attachment; filename="infactor-{notice.number}.pdf"'
    assert "no-store" in response["Cache-Control"]
    text = pdf.words(response.content)
    for said in (notice.number, ACCOUNT, notice.facts["pay_to"]["reference"], "$1,000.00", "We never announce"):
        assert said in text, said
    assert client.get("/buyer/made-up/notice.pdf").status_code == 404


def test_a_notice_that_ended_names_no_account(
    client: Client, address: str, advance: Advance, scenario: Scenario
) -> None:
    money_out.leave(scenario, advance)
    repurchases.repurchase(
        advance=advance, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="Unpaid"
    )
    text = pdf.words(client.get(f"{address}notice.pdf").content)
    assert "This notice ended on" in text
    assert ACCOUNT not in text


def test_it_is_acknowledged_once_without_a_cookie(address: str, advance: Advance, scenario: Scenario) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"origin": "null", "user-agent": "Browser 1"})
    for name in ("Ann Payable", "Eve"):
        page = strict.post(address, {**ACKNOWLEDGE, "name": name}, follow=True).content.decode()
        assert "Acknowledged by <bdi>Ann Payable</bdi>" in page
    notice = notice_of(advance)
    assert (notice.acknowledged_at, notice.acknowledged_from) == (scenario.now, "127.0.0.1")
    assert notice.user_agent == "Browser 1"
    assert AuditEvent.objects.filter(event="notice.status", subject_id=str(notice.pk)).count() == 1
    assert not strict.cookies


def test_a_name_that_is_missing_is_asked_for_beside_its_field(client: Client, address: str, advance: Advance) -> None:
    for name in ("", " ... "):
        page = client.post(address, {**ACKNOWLEDGE, "name": name}).content.decode()
        assert 'id="acknowledge_name_error"' in page
    assert notice_of(advance).status == Notice.Status.SENT


def test_every_link_to_the_same_address_opens_it(client: Client, question: str, advance: Advance) -> None:
    issuance.remind_due(at=advance.accepted_at + timedelta(days=5))
    reminder = f"/buyer/{token_in(mails_of(notice_of(advance), 'reminder')[0])}/"
    for address in (question, reminder):
        assert ACCOUNT in text_of(client, address)
    client.post(question, ACKNOWLEDGE)
    assert notice_of(advance).status == Notice.Status.ACKNOWLEDGED


def test_a_link_to_an_address_that_only_the_supplier_named_acknowledges_nothing(
    client: Client, scenario: Scenario, invoice: Invoice
) -> None:
    other = ask_and_confirm(scenario, invoice, "friend@else.example")
    notice = notice_of(scenario.funded(invoice))
    page = text_of(client, other)
    assert f"The notice of assignment {notice.number}" in page
    assert ACCOUNT not in page
    assert client.post(other, ACKNOWLEDGE).status_code == 404
    notice.refresh_from_db()
    assert notice.status == Notice.Status.SENT


def test_a_wrong_link_and_that_of_another_notice_open_and_acknowledge_nothing(
    client: Client, address: str, scenario: Scenario, advance: Advance
) -> None:
    token = address.split("/")[2]
    other = notice_of(scenario.funded(scenario.invoice(scenario.buyer("Birch"))))
    foreign = token_in(mails_of(other)[0])
    for wrong in (token[:-1], token + "a", token[:21] + foreign[21:], foreign[:21], foreign[:21] + token[21:]):
        assert client.get(f"/buyer/{wrong}/").status_code == 404
        assert client.post(f"/buyer/{wrong}/", ACKNOWLEDGE).status_code == 404
    assert {notice_of(advance).status, notice_of(other.advance).status} == {Notice.Status.SENT}


def test_a_released_buyer_reads_whom_to_pay_and_acknowledges_nothing(
    client: Client, address: str, question: str, advance: Advance, scenario: Scenario
) -> None:
    money_out.leave(scenario, advance)
    repurchases.repurchase(
        advance=advance, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="Unpaid"
    )
    release = f"/buyer/{token_in(mails_of(notice_of(advance), 'release')[0])}/"
    for link in (address, question, release):
        page = client.post(link, ACKNOWLEDGE, follow=True).content.decode()
        assert f"Pay invoice <bdi>{advance.invoice}</bdi> to <bdi>{scenario.supplier}</bdi> again" in page
        assert ACCOUNT not in page
        assert 'name="acknowledge"' not in page
    assert notice_of(advance).acknowledged_at is None


def test_a_link_shows_the_notice_that_came_after_its_own(
    client: Client, address: str, advance: Advance, scenario: Scenario
) -> None:
    first = notice_of(advance)
    releases.release(
        advance=advance, reason=Notice.ReleaseReason.PAYOUT_FAILED, by=scenario.operations, at=scenario.now
    )
    second = issuance.send(advance=advance, bought_on=scenario.today, by=scenario.operations, at=scenario.now)
    page = text_of(client, address)
    assert f"Notice {second.number} is valid" in page
    assert first.number not in page


def test_a_link_ends_some_time_after_the_notice(
    client: Client, address: str, advance: Advance, scenario: Scenario
) -> None:
    scenario.pay(advance, "1000")
    scenario.settle(Advance.objects.get(pk=advance.pk))
    assert "You owe infactor nothing more" in text_of(client, address)
    with time_machine.travel(scenario.now + links.LIFETIME_AFTER_END, tick=False):
        page = text_of(client, address)
        assert "This link has expired" in page
        assert str(advance.invoice) not in page


def test_an_open_question_about_a_bought_invoice_says_that_it_is_bought(
    client: Client, scenario: Scenario, invoice: Invoice
) -> None:
    drafted = requests.draft(invoice=invoice, by=scenario.owner, at=scenario.now)
    sent = requests.approve_and_send(
        verification=drafted,
        by=scenario.owner,
        subject=drafted.subject,
        body=drafted.body,
        to=drafted.to,
        at=scenario.now,
    )
    before = text_of(client, f"/buyer/{token_of(sent)}/")
    scenario.funded(invoice)
    after = text_of(client, f"/buyer/{token_of(sent)}/")
    assert "does not change how or where you pay" in before
    assert "does not change how or where you pay" not in after
    assert (ACCOUNT in before, ACCOUNT in after) == (False, True)
    assert "Submit response" in after
    assert after.count('id="id_name"') == 1
