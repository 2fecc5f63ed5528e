"""Staff hear once a day that the books of a funded supplier cannot be read; of other books they do not hear."""

from datetime import UTC, datetime

import pytest

from infactor.core.models import OutgoingMail
from infactor.desk.models import MailChoice
from quickbooks_app import runs, sync_alerts
from quickbooks_app.connections import authorization_flow
from quickbooks_app.models import ImportRun
from tests.support.factories.quickbooks import ConnectionFactory, RunFactory
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


def mailed_to() -> list[str]:
    rows = OutgoingMail.objects.filter(key__startswith="quickbooks.sync_failed").order_by("pk")
    return list(rows.values_list("to", flat=True))


def test_a_failed_sync_of_a_funded_supplier_is_told_once_a_day_to_both_roles(scenario: Scenario) -> None:
    connection = ConnectionFactory(company_file=scenario.books)
    funded = scenario.invoice(scenario.buyer("Cedar"))

    def fail() -> None:
        run = RunFactory(connection=connection, state=ImportRun.State.RUNNING, lease_owner="me")
        assert runs.finish(
            run=run, owner="me", at=scenario.now, error="QuickBooks said 4000 of Robin.", error_code="4000"
        )

    fail()
    assert mailed_to() == []
    scenario.funded(funded)
    MailChoice.objects.create(user=scenario.approver, sync_failed=False)
    fail()
    fail()
    authorization_flow.mark_needs_attention(connection=connection, reason="It was ended.", at=scenario.now)
    assert mailed_to() == [scenario.underwriter.email, scenario.operations.email]
    mail = OutgoingMail.objects.filter(key__startswith="quickbooks.sync_failed").latest("pk")
    assert scenario.supplier.name in mail.subject
    assert "Robin" not in mail.body
    scenario.later(1)
    fail()
    assert len(mailed_to()) == 4


def test_the_mail_names_the_last_reading_in_infactors_own_time_zone(scenario: Scenario) -> None:
    connection = ConnectionFactory(company_file=scenario.books)
    scenario.funded(scenario.invoice(scenario.buyer("Cedar")))
    scenario.books.as_of = datetime(2026, 9, 2, 2, 30, tzinfo=UTC)
    sync_alerts.publish_failure(connection=connection, at=scenario.now)
    mail = OutgoingMail.objects.filter(key__startswith="quickbooks.sync_failed").latest("pk")
    assert "last read completely on Sep 1, 2026, 22:30 EDT." in mail.body
