"""On the first of a month people hear once that the statement is ready, however often the task runs."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from infactor.core.models import OutgoingMail
from infactor.financing import monthly_statements, tasks
from infactor.ledger.periods import last_day, month_of, next_month
from infactor.suppliers import notifications
from infactor.suppliers.models import Membership, Notification, NotificationKind
from tests.support.factories.suppliers import MembershipFactory, SupplierFactory
from tests.support.scenarios.lifecycle import Lifecycle

pytestmark = pytest.mark.django_db


def notified() -> list[tuple[str, str]]:
    found = Notification.objects.filter(kind=NotificationKind.STATEMENTS).order_by("pk")
    return [(one.title, one.path) for one in found]


def test_each_month_is_told_once_and_leads_to_its_statement(lifecycle: Lifecycle, client: Client) -> None:
    start = month_of(lifecycle.scenario.today)
    first = lifecycle.scenario.now.replace(year=next_month(start).year, month=next_month(start).month, day=1)
    SupplierFactory(name="Nothing to tell")
    for late in (timedelta(hours=9), timedelta(days=2)):
        with time_machine.travel(first + late, tick=False):
            tasks.announce_statements()
    path = f"/statement/?from={start}&to={last_day(start)}"
    assert notified() == [(f"Your {start:%B} statement is ready", path)]
    assert client.get(path).status_code == 200
    mail = OutgoingMail.objects.get(subject__contains="statement is ready")
    assert path in mail.body
    MembershipFactory(supplier=lifecycle.scenario.supplier)
    assert monthly_statements.announce_due(at=first + timedelta(days=20)) == 0
    assert len(notified()) == 1
    assert monthly_statements.announce_due(at=first + timedelta(days=40)) == 1


def test_people_choose_whether_they_hear_of_it(lifecycle: Lifecycle) -> None:
    supplier = lifecycle.scenario.supplier
    member = Membership.objects.get(supplier=supplier)
    nothing = notifications.Channels(in_app=False, by_mail=False)
    notifications.choose(user=member.user, supplier=supplier, wanted={NotificationKind.STATEMENTS: nothing})
    assert monthly_statements.announce_due(at=timezone.now() + timedelta(days=31)) == 1
    assert notified() == []


def test_the_page_lists_the_months_that_are_over(lifecycle: Lifecycle, client: Client) -> None:
    page = client.get("/statement/").content.decode()
    start = month_of(month_of(lifecycle.scenario.today) - timedelta(days=1))
    assert f"/statement.pdf?from={start}&amp;to={last_day(start)}" in page
