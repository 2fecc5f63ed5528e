"""No lease holds a row for longer than its length from when it was taken, also where a clock was set back since."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db.models import Model

from quickbooks_app import pulls, runs
from quickbooks_app.completeness import checks
from quickbooks_app.leases import CLOCK_SKEW
from quickbooks_app.models import Connection, Inbox, ObjectPull, Push, WebhookEvent
from quickbooks_app.pushes import worker
from quickbooks_app.webhooks import inbox, processing
from tests.support.factories.completeness import CheckFactory
from tests.support.factories.quickbooks import ConnectionFactory, RunFactory
from tests.support.payloads import NOON

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Leased:
    """A row that a worker holds, who finds it, and who takes it."""

    make: Callable[[Connection], Model]
    duration: timedelta
    due: Callable[[datetime], list[int]]
    is_taken: Callable[[int], bool]


def running_check(connection: Connection) -> Model:
    return CheckFactory(connection=connection, state="running", finished_at=None)


def sending_push(connection: Connection) -> Model:
    return Push.objects.create(
        connection=connection, entity="Customer", operation="create", state="sending", requested_at=NOON
    )


def busy_inbox(connection: Connection) -> Model:
    """With an event that the next worker ignores, as the company is not connected any more."""
    WebhookEvent.objects.create(
        event_id="1", connection=connection, entity="Invoice", qbk_id="1", operation="update", received_at=NOON
    )
    return Inbox.objects.create(connection=connection)


def is_push_taken(pk: int) -> bool:
    worker.perform(push_id=pk, now=lambda: NOON)
    return Push.objects.get(pk=pk).state == "failed"  # the owner allows no writes


def is_inbox_taken(pk: int) -> bool:
    Connection.objects.filter(pk=pk).update(status="needs_attention")
    processing.process_pending(connection_id=pk, now=lambda: NOON)
    return WebhookEvent.objects.get().state == "ignored"


KINDS = {
    "run": Leased(
        lambda connection: RunFactory(connection=connection, state="running"),
        runs.LEASE_DURATION,
        lambda at: runs.due_run_ids(at=at),
        lambda pk: runs.claim(run_id=pk, owner="me", at=NOON) is not None,
    ),
    "check": Leased(
        running_check,
        checks.LEASE_DURATION,
        lambda at: checks.due_check_ids(at=at),
        lambda pk: checks.claim(check_id=pk, owner="me", at=NOON) is not None,
    ),
    "pull": Leased(
        lambda connection: ObjectPull.objects.create(connection=connection, entity="Vendor"),
        runs.LEASE_DURATION,
        lambda at: list(pulls.due(at=at).values_list("pk", flat=True)),
        lambda pk: pulls.claim(pull_id=pk, owner="me", at=NOON) is not None,
    ),
    "push": Leased(sending_push, worker.LEASE, lambda at: worker.due_ids(at=at), is_push_taken),
    "inbox": Leased(busy_inbox, processing.LEASE_DURATION, lambda at: inbox.due_connection_ids(at=at), is_inbox_taken),
}


@pytest.mark.parametrize("ahead", [CLOCK_SKEW, timedelta(hours=1)], ids=["skewed", "set back"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_lease_holds_as_long_as_one_taken_now_could(kind: str, ahead: timedelta) -> None:
    leased = KINDS[kind]
    row = leased.make(ConnectionFactory(company_file__as_of=NOON))
    type(row)._default_manager.filter(pk=row.pk).update(lease_until=NOON + ahead + leased.duration)
    is_free = ahead > CLOCK_SKEW
    assert leased.due(NOON) == ([row.pk] if is_free else [])
    assert leased.is_taken(row.pk) is is_free
