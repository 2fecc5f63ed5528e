"""A digest a day for whom something waits, and alerts at once for those whose role works on them and who want them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infactor.core import staff_alerts
from infactor.core.business_day import business_day
from infactor.core.models import OutgoingMail
from infactor.core.staff_alerts import Alert, Kind
from infactor.desk import assignments
from infactor.desk.assignments import Owner
from infactor.desk.mails import at_once, choices, digest
from infactor.desk.models import Digest, MailChoice
from infactor.financing.advances import cases
from infactor.financing.models import Case, Payout
from infactor.ledger import integrity
from infactor.users.models import User
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


def mails(prefix: str) -> dict[str, OutgoingMail]:
    """The messages whose key begins so, by address."""
    return {one.to: one for one in OutgoingMail.objects.filter(key__startswith=prefix)}


def wait_for(scenario: Scenario) -> None:
    """Something for operations: an accepted advance to pay out."""
    scenario.accepted(scenario.invoice(scenario.buyer("Cedar")))


def test_a_digest_has_counts_ages_and_amounts_of_the_readers_own_queues(scenario: Scenario) -> None:
    wait_for(scenario)
    today = business_day(scenario.now)
    for title, owner in (("Call Robin Secret", Owner(scenario.operations)), ("x", Owner(role="Operations"))):
        assignments.add(title=title, due_on=today, owner=owner, by=scenario.operations, at=scenario.now)
    scenario.later(2)
    assert digest.send_due(at=scenario.now) == 2
    sent = mails("desk.digest")
    assert set(sent) == {scenario.operations.email, scenario.approver.email}
    body = sent[scenario.operations.email].body
    assert "Accepted advances to pay out: 1, the oldest waits 2" in body.replace("\xa0", " ")
    assert "$" in body
    assert "Overdue: 2" in body
    assert "Requests to price" not in body
    assert "Robin Secret" not in body
    assert "Overdue: 1" in sent[scenario.approver.email].body


def test_one_digest_a_day_and_none_before_morning_or_for_what_waits_for_nobody(scenario: Scenario) -> None:
    early = datetime(2026, 11, 3, 11, 59, tzinfo=UTC)  # 06:59 in New York
    wait_for(scenario)
    assert digest.send_due(at=early) == 0
    at = early + timedelta(minutes=1)
    assert [digest.send_due(at=at), digest.send_due(at=at + timedelta(hours=9))] == [2, 0]
    assert Digest.objects.filter(user=scenario.underwriter, is_sent=False).exists()  # nothing waits for them
    assert digest.send_due(at=at + timedelta(days=3)) == 2  # the first day after an outage
    assert OutgoingMail.objects.filter(key__startswith="desk.digest").count() == 4
    assert not Digest.objects.filter(user=scenario.reader).exists()


def test_a_digest_that_fails_is_tried_again_and_keeps_nobody_else_from_theirs(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for(scenario)
    whole = digest.content_for

    def content_for(user: User, **given: Any) -> digest.Content:
        if user == scenario.operations:
            raise RuntimeError
        return whole(user, **given)

    with monkeypatch.context() as patched:
        patched.setattr(digest, "content_for", content_for)
        assert digest.send_due(at=scenario.now) == 1
    assert digest.send_due(at=scenario.now) == 1
    assert set(mails("desk.digest")) == {scenario.operations.email, scenario.approver.email}


def test_people_get_what_their_role_works_on_and_they_want(scenario: Scenario) -> None:
    assert choices.choices_of(scenario.reader).wanted == {}
    assert choices.choices_of(User.objects.create_superuser("root@example.com")).wanted == {}
    assert set(choices.choices_of(scenario.underwriter).wanted) == {
        "digest",
        "severe_case",
        "sync_failed",
        "supplier_wrote",
    }
    wanted = {"digest": False, "severe_case": False, "payout_returned": False}
    choices.choose(user=scenario.underwriter, wanted=wanted, at=scenario.now)
    row = MailChoice.objects.get(user=scenario.underwriter)
    assert (row.digest, row.severe_case, row.payout_returned) == (False, False, True)
    staff_alerts.publish(Alert(kind=Kind.SEVERE_CASE, key="case:1", text=lambda: ("Severe", "x")))
    staff_alerts.publish(Alert(kind=Kind.SEVERE_CASE, key="case:1", text=lambda: ("Severe", "x")))
    assert set(mails("case:1:")) == {scenario.operations.email, scenario.approver.email}
    scenario.operations.is_active = False
    scenario.operations.save()
    staff_alerts.publish(Alert(kind=Kind.SEVERE_CASE, key="case:2", text=lambda: ("Severe", "x")))
    assert set(mails("case:2:")) == {scenario.approver.email}


def test_staff_hear_at_once_that_a_buyer_disputes_what_is_funded(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer("Cedar"), invoice_no="1044"))
    for _ in range(2):
        cases.open_buyer_dispute(advance=advance, at=scenario.now, reason="Two boxes were wet")
    told = mails("financing.staff_dispute")
    assert set(told) == {scenario.underwriter.email, scenario.operations.email, scenario.approver.email}
    mail = told[scenario.underwriter.email]
    assert mail.subject == f"Cedar disputes invoice 1044 of {scenario.supplier}, which we have bought"
    assert "The buyer says: Two boxes were wet" in mail.body
    assert f"/admin/financing/case/{Case.objects.get().pk}/change/" in mail.body


def test_a_returned_payout_and_a_failed_check_are_told_at_once(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario.funded(scenario.invoice(scenario.buyer("Cedar")))
    money_out.send(scenario, Payout.objects.get())
    money_out.give_back(scenario, Payout.objects.get(), reason="Nobody has account 4711")
    told = mails("financing.staff_payout_returned")
    assert set(told) == {scenario.operations.email, scenario.approver.email}
    assert "4711" not in told[scenario.approver.email].body
    monkeypatch.setitem(integrity._registered, "broken", lambda: ["Robin Secret has 5.00 too much."])
    integrity.verify(at=scenario.now)
    (found,) = {one.body for one in mails("ledger.check_failed").values()}
    assert "found 1 error." in found
    assert "Secret" not in found


def test_payments_are_told_once_when_they_have_waited_two_days_and_again_with_another(scenario: Scenario) -> None:
    scenario.pay(None, "70")
    assert not at_once.publish_unmatched(at=scenario.now + timedelta(days=1))
    for _ in range(2):
        assert at_once.publish_unmatched(at=scenario.now + timedelta(days=2))
    told = mails("desk.unmatched")
    assert set(told) == {scenario.operations.email, scenario.approver.email}
    assert "1 payment has waited" in told[scenario.approver.email].body
    scenario.later(2)
    scenario.pay(None, "30")
    at_once.publish_unmatched(at=scenario.now + timedelta(days=2))
    assert OutgoingMail.objects.filter(key__startswith="desk.unmatched").count() == 4
