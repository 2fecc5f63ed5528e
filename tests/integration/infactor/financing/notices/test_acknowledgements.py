"""An acknowledgement is recorded once, with its evidence, and nothing changes it or what it is about."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from infactor.core.models import AuditEvent
from infactor.financing.models import Advance, Notice
from infactor.financing.notices import acknowledgements, releases
from infactor.financing.notices.issuance import NoticeError
from infactor.users.roles import NotAllowed
from tests.support.scenarios.financing import Scenario
from tests.support.scenarios.notices import mails_of, notice_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice(advance: Advance) -> Notice:
    return notice_of(advance)


def acknowledge(notice: Notice, scenario: Scenario, name: str = "Ann Payable", *, days: int = 0) -> Notice:
    at = scenario.now + timedelta(days=days)
    return acknowledgements.acknowledge(notice=notice, name=name, ip="203.0.113.9", user_agent="Browser 1", at=at)


def test_it_keeps_who_when_and_from_where_and_sends_a_receipt(notice: Notice, scenario: Scenario) -> None:
    done = acknowledge(notice, scenario, "  Ann \n Payable ")
    assert (done.status, done.channel) == (Notice.Status.ACKNOWLEDGED, Notice.Channel.LINK)
    assert (done.acknowledged_at, done.acknowledged_name) == (scenario.now, "Ann Payable")
    assert (done.acknowledged_from, done.user_agent) == ("203.0.113.9", "Browser 1")
    receipt = mails_of(notice, "receipt")[0]
    assert (receipt.to, receipt.reply_to) == (notice.to, scenario.owner.email)
    assert "Acknowledged by: Ann Payable" in receipt.body
    assert "/buyer/" not in receipt.body


def test_a_repeated_one_changes_nothing(notice: Notice, scenario: Scenario) -> None:
    acknowledge(notice, scenario)
    events = AuditEvent.objects.count()
    assert acknowledge(notice, scenario, "Eve", days=1).acknowledged_name == "Ann Payable"
    assert AuditEvent.objects.count() == events
    assert len(mails_of(notice, "receipt")) == 1


def test_a_released_notice_cannot_be_acknowledged(notice: Notice, scenario: Scenario) -> None:
    releases.release(
        advance=notice.advance, reason=Notice.ReleaseReason.PAYOUT_FAILED, by=scenario.operations, at=scenario.now
    )
    with pytest.raises(NoticeError, match="no longer valid"):
        acknowledge(notice, scenario)


@pytest.mark.parametrize("channel", [Notice.Channel.PHONE, Notice.Channel.LETTER])
def test_staff_record_one_by_phone_or_letter(notice: Notice, scenario: Scenario, channel: str) -> None:
    told: dict[str, Any] = {"notice": notice, "channel": channel, "name": "Ann Payable", "at": scenario.now}
    for nobody in (scenario.reader, scenario.owner):
        with pytest.raises(NotAllowed):
            acknowledgements.record_acknowledgement(by=nobody, **told)
    done = acknowledgements.record_acknowledgement(by=scenario.operations, **told)
    assert (done.channel, done.recorded_by) == (channel, scenario.operations)
    assert AuditEvent.objects.filter(event="notice.status").latest("pk").actor_id == scenario.operations.pk
    assert f"by {channel}" in mails_of(notice, "receipt")[0].body


def test_a_name_is_needed(notice: Notice, scenario: Scenario) -> None:
    with pytest.raises(NoticeError, match="name"):
        acknowledge(notice, scenario, " ... ")


@pytest.mark.parametrize(
    "columns",
    [
        {"facts": {}},
        {"facts_digest": "other"},
        {"acknowledged_name": "Eve"},
        {"acknowledged_at": None, "status": "sent"},
        {"status": "released"},
        {"reminders": 3},
    ],
)
def test_the_database_refuses_to_change_evidence(notice: Notice, scenario: Scenario, columns: dict[str, Any]) -> None:
    acknowledge(notice, scenario)
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(**columns)


def test_the_database_keeps_every_notice_and_takes_one_valid_an_invoice(notice: Notice, scenario: Scenario) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).delete()
    copied = Notice.objects.get(pk=notice.pk)
    copied.pk, copied.public_id = None, scenario.supplier.public_id
    with pytest.raises(IntegrityError), transaction.atomic():
        copied.save(force_insert=True)


def test_the_database_takes_no_notice_of_an_invoice_that_is_not_bought(notice: Notice, scenario: Scenario) -> None:
    accepted = scenario.accepted(scenario.invoice(scenario.buyer("Birch")))
    for advance, invoice_id in ((accepted, accepted.invoice_id), (notice.advance, accepted.invoice_id)):
        made = Notice.objects.get(pk=notice.pk)
        made.pk, made.public_id, made.advance, made.invoice_id = None, accepted.public_id, advance, invoice_id
        with pytest.raises(IntegrityError, match="funded advance"), transaction.atomic():
            made.save(force_insert=True)
