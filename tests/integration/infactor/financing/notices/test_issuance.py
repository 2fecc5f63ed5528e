"""A buyer is told to pay infactor when its invoice is bought, at its own address, and reminded a few times."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from pytest_django.fixtures import Settings

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.financing.advances import funding
from infactor.financing.models import Advance, Notice
from infactor.financing.notices import acknowledgements, content, issuance, links
from infactor.invoices.models import Invoice
from infactor.users.roles import NotAllowed
from infactor.verification import answers, requests
from infactor.verification.answers import Answer, SubmittedAnswer
from infactor.verification.recipients import InvalidRecipient
from tests.support.scenarios.financing import Scenario
from tests.support.scenarios.notices import mails_of, notice_of, token_in
from tests.support.scenarios.verification import token_of

pytestmark = pytest.mark.django_db
BUYER = "ap@buyer.example"


def confirm_at(scenario: Scenario, invoice: Invoice, address: str) -> None:
    """The buyer confirms the invoice by a link that went to `address`."""
    drafted = requests.draft(invoice=invoice, by=scenario.owner, at=scenario.now)
    sent = requests.approve_and_send(
        verification=drafted,
        by=scenario.owner,
        subject=drafted.subject,
        body=drafted.body,
        to=address,
        at=scenario.now,
    )
    said = SubmittedAnswer(Answer.ALL, "Ann Ledger")
    answers.submit_answer(token=token_of(sent), submitted=said, ip=None, at=scenario.now)


def test_before_it_is_bought_nobody_is_told_to_pay_infactor(scenario: Scenario) -> None:
    invoice = scenario.invoice(scenario.buyer("Cedar"))
    confirm_at(scenario, invoice, BUYER)
    scenario.accepted(invoice)
    written = [mail.body + mail.subject for mail in OutgoingMail.objects.filter(to=BUYER)]
    assert len(written) == 2
    assert not [text for text in written if settings.PAY_TO["account"] in text or " pay" in text.casefold()]
    assert not Notice.objects.exists()


def test_with_the_payout_the_buyer_gets_the_notice(scenario: Scenario, advance: Advance) -> None:
    notice = notice_of(advance)
    mail = mails_of(notice)[0]
    invoice = advance.invoice
    assert (mail.to, mail.reply_to) == (BUYER, scenario.owner.email)
    for told in (
        f"Notice of assignment {notice.number}",
        f"Invoice: {invoice.invoice_no}",
        "Sold to infactor: $10,000.00",
        f"Account: {settings.PAY_TO['account']}",
        f"Reference: {invoice.invoice_no} IF-",
        'consented to this notice in "Invoice financing agreement (sample)", version 1',
        scenario.owner.email,
    ):
        assert told in mail.body
    assert content.digest_of(facts=notice.facts) == notice.facts_digest
    assert AuditEvent.objects.filter(event="notice.sent", subject_id=str(notice.pk)).count() == 1


def test_the_part_that_is_bought_is_told_where_it_is_not_the_whole(scenario: Scenario) -> None:
    invoice = scenario.invoice(scenario.buyer("Cedar"), face="1500", balance=Decimal(1000))
    body = mails_of(notice_of(scenario.funded(invoice)))[0].body
    assert "Invoice amount: $1,500.00" in body
    assert "Sold to infactor: $1,000.00, all that was open of it" in body


def test_nothing_is_bought_without_an_address_of_the_buyer(scenario: Scenario) -> None:
    invoice = scenario.invoice(scenario.buyer("Cedar"))
    accepted = scenario.accepted(invoice)
    invoice.buyer.email = ""
    invoice.buyer.save()
    Invoice.objects.filter(pk=invoice.pk).update(buyer_email=scenario.owner.email)
    with pytest.raises(funding.FundingError, match="no email address of the buyer for the notice"):
        scenario.fund(accepted)
    assert Advance.objects.get(pk=accepted.pk).status == Advance.Status.ACCEPTED


@pytest.mark.parametrize(
    ("answered_at", "told_at"), [("second@buyer.example", "second@buyer.example"), ("ap@else.example", BUYER)]
)
def test_the_notice_goes_to_who_answered_but_only_at_an_address_of_the_books(
    scenario: Scenario, answered_at: str, told_at: str
) -> None:
    invoice = scenario.invoice(scenario.buyer("Cedar"), buyer_email=f"{BUYER}, second@buyer.example")
    confirm_at(scenario, invoice, answered_at)
    assert notice_of(scenario.funded(invoice)).to == told_at


def test_no_text_of_the_books_turns_the_direction_or_adds_a_line_or_a_link(scenario: Scenario) -> None:
    linked = "https://evil.example www.evil.example"
    invoice = scenario.invoice(scenario.buyer("Cedar"), invoice_no="7\u202e7\nAccount: 999", company_name=linked)
    notice = notice_of(scenario.funded(invoice))
    body = mails_of(notice)[0].body
    assert "Invoice: 77 Account: 999" in body
    assert "\nAccount: 999" not in body
    assert "\u202e" not in body + str(notice.facts)
    assert "https://evil" not in body
    assert "www.evil" not in body


def test_a_silent_buyer_is_reminded_twice_and_no_more(advance: Advance, scenario: Scenario) -> None:
    days = [issuance.remind_due(at=scenario.now + timedelta(days=day)) for day in range(60)]
    assert [day for day, sent in enumerate(days) if sent] == [5, 10]
    first, second = mails_of(notice_of(advance), "reminder")
    assert first.subject.startswith("Reminder: notice of assignment")
    assert "Account:" in second.body


def test_who_has_acknowledged_or_paid_is_not_reminded(advance: Advance, scenario: Scenario) -> None:
    other = scenario.funded(scenario.invoice(scenario.buyer("Birch")))
    acknowledgements.acknowledge(notice=notice_of(other), name="Ann", ip=None, user_agent="", at=scenario.now)
    scenario.pay(advance, "10000")
    assert issuance.remind_due(at=scenario.now + timedelta(days=30)) == 0


def test_staff_send_it_again_to_another_address_of_the_buyer(advance: Advance, scenario: Scenario) -> None:
    notice = notice_of(advance)
    later = scenario.now + timedelta(days=1)
    with pytest.raises(NotAllowed):
        issuance.resend(notice=notice, to="pay@buyer.example", by=scenario.reader, at=later)
    with pytest.raises(InvalidRecipient):
        issuance.resend(notice=notice, to=scenario.owner.email, by=scenario.operations, at=later)
    issuance.resend(notice=notice, to="pay@buyer.example", by=scenario.operations, at=later)
    again = mails_of(notice, "resent")[0]
    assert again.to == "pay@buyer.example"
    assert notice_of(advance).facts == notice.facts
    assert AuditEvent.objects.get(event="notice.resent").actor_id == scenario.operations.pk


def test_the_link_of_a_notice_survives_the_rotation_of_both_keys(advance: Advance, settings: Settings) -> None:
    notice = notice_of(advance)
    token = token_in(mails_of(notice)[0])
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]
    settings.FINGERPRINT_KEY = "another"
    assert links.find_notice(token=token) == notice
