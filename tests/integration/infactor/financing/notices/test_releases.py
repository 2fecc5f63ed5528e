"""A buyer is released when infactor no longer owns its invoice, and never holds two notices that contradict."""

from typing import Any

import pytest
from django.core.mail import EmailMessage

from infactor.core.email import outbox
from infactor.core.models import OutgoingMail
from infactor.financing import payouts
from infactor.financing.advances import repurchases, write_offs
from infactor.financing.collections import payments
from infactor.financing.models import LIVE_STATUSES, Advance, Notice, Payout
from infactor.financing.notices import releases
from infactor.financing.notices.issuance import NoticeError
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus
from infactor.users.roles import NotAllowed
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario
from tests.support.scenarios.notices import mails_of, notice_of

pytestmark = pytest.mark.django_db
Status, Reason = Notice.Status, Notice.ReleaseReason


def today(scenario: Scenario) -> dict[str, Any]:
    return {"value_date": scenario.today, "by": scenario.operations, "at": scenario.now}


def fail_payout(scenario: Scenario, advance: Advance) -> Payout:
    payout = Payout.objects.get(advance=advance, purpose=Payout.Purpose.ADVANCE, status__in=LIVE_STATUSES)
    return money_out.fail(scenario, payout)


def test_an_invoice_bought_back_releases_its_buyer(scenario: Scenario, advance: Advance) -> None:
    money_out.leave(scenario, advance)
    repurchases.repurchase(advance=advance, reason="Unpaid", **today(scenario))
    notice = notice_of(advance)
    assert (notice.status, notice.release_reason) == (Status.RELEASED, Reason.REPURCHASED)
    mail = mails_of(notice, "release")[0]
    assert mail.subject == f"Release: pay invoice {advance.invoice} to {scenario.supplier} again"
    assert "bought this invoice back from infactor. From now on, pay" in mail.body
    assert "Account:" not in mail.body
    assert (mail.to, mail.reply_to) == (notice.to, scenario.owner.email)


def test_a_payout_that_fails_releases_and_one_sent_again_gives_a_new_notice(
    scenario: Scenario, advance: Advance
) -> None:
    first = notice_of(advance)
    failed = fail_payout(scenario, advance)
    assert (notice_of(advance).status, notice_of(advance).release_reason) == (Status.RELEASED, Reason.PAYOUT_FAILED)
    assert "has not bought this invoice after all" in mails_of(first, "release")[0].body
    assert "told your buyer to pay you" in OutgoingMail.objects.get(key__startswith="financing.payout_failed").body
    scenario.later(1)
    payouts.resend(payout=failed, **today(scenario))
    second = notice_of(advance)
    assert second.pk != first.pk
    assert (second.status, second.facts["bought_on"]) == (Status.SENT, scenario.today.isoformat())
    assert Notice.objects.filter(invoice=advance.invoice, status__in=("sent", "acknowledged")).count() == 1


def test_what_the_buyer_paid_meanwhile_is_not_bought_by_a_second_payout(scenario: Scenario, advance: Advance) -> None:
    failed = fail_payout(scenario, advance)
    Invoice.objects.filter(pk=advance.invoice_id).update(books_status=BooksStatus.PAID, balance=0)
    with pytest.raises(payouts.PayoutError, match=r"QuickBooks says that invoice .* is paid"):
        payouts.resend(payout=failed, **today(scenario))
    assert notice_of(advance).status == Status.RELEASED


def test_a_payout_that_fails_after_the_buyer_has_paid_tells_the_buyer_nothing(
    scenario: Scenario, advance: Advance
) -> None:
    paid = scenario.pay(advance, "10000")
    failed = fail_payout(scenario, advance)
    assert notice_of(advance).status == Status.SENT
    payments.record_return(collection=paid, reason="R01", **today(scenario))
    assert notice_of(advance).release_reason == Reason.PAYOUT_FAILED
    payouts.resend(payout=failed, **today(scenario))
    assert notice_of(advance).status == Status.SENT


def test_a_settled_invoice_ends_the_notice_without_a_mail(scenario: Scenario, advance: Advance) -> None:
    scenario.pay(advance, "10000")
    scenario.settle(Advance.objects.get(pk=advance.pk))
    notice = notice_of(advance)
    assert (notice.status, notice.ended_at) == (Status.FULFILLED, scenario.now)
    assert [mail.key for mail in mails_of(notice)] == [f"notice.sent:{notice.pk}:1"]


def test_a_payment_returned_after_settlement_makes_the_notice_valid_again(scenario: Scenario, advance: Advance) -> None:
    paid = scenario.pay(advance, "10000")
    scenario.settle(Advance.objects.get(pk=advance.pk))
    payments.record_return(collection=paid, reason="R01", **today(scenario))
    notice = notice_of(advance)
    assert (notice.is_valid, notice.ended_at) == (True, None)
    assert not mails_of(notice, "release")


def test_a_mail_that_still_waits_is_not_sent_after_one_that_contradicts_it(
    scenario: Scenario, advance: Advance, mailoutbox: list[EmailMessage]
) -> None:
    buyer = notice_of(advance).to
    failed = fail_payout(scenario, advance)
    payouts.resend(payout=failed, **today(scenario))
    outbox.send_due(now=lambda: scenario.now)
    told = [mail.body for mail in mailoutbox if mail.to == [buyer]]
    assert len(told) == 1
    assert notice_of(advance).number in told[0]


def test_a_write_off_keeps_the_notice_until_staff_give_the_claim_up(scenario: Scenario, advance: Advance) -> None:
    notice = notice_of(advance)
    with pytest.raises(NoticeError, match="written off"):
        releases.give_up(notice=notice, by=scenario.operations, at=scenario.now)
    money_out.leave(scenario, advance)
    write_offs.write_off(advance=advance, reason="Insolvent", **today(scenario))
    assert notice_of(advance).status == Status.SENT
    with pytest.raises(NotAllowed):
        releases.give_up(notice=notice, by=scenario.reader, at=scenario.now)
    releases.give_up(notice=notice, by=scenario.operations, at=scenario.now)
    assert notice_of(advance).release_reason == Reason.GIVEN_UP
    assert "no longer claims this invoice" in mails_of(notice, "release")[0].body
