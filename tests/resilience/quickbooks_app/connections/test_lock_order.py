"""Ending a run and ending its connection at the same moment take turns, and neither is a deadlock's victim."""

from collections.abc import Callable
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.utils import timezone

from quickbooks_app import runs
from quickbooks_app.auth import oauth_client
from quickbooks_app.connections import authorization_flow
from quickbooks_app.models import Connection, ImportRun
from tests.support.factories.quickbooks import RunFactory
from tests.support.factories.suppliers import UserFactory
from tests.support.processes.threads import WELL, run_concurrently

pytestmark = [pytest.mark.django_db(transaction=True)]

TURN = 1.0  # seconds for the other to come as far, if no lock keeps it from that


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> ImportRun:
    """A run that a worker holds. Whoever has changed its first row waits for the other to have changed its own."""
    both = Barrier(2)

    def met(step: Callable[..., Any]) -> Callable[..., Any]:
        def waiting(*arguments: Any, **named: Any) -> Any:
            try:
                both.wait(TURN)
            except BrokenBarrierError:
                both.reset()
            return step(*arguments, **named)

        return waiting

    monkeypatch.setattr(runs, "_time_to_next", met(runs._time_to_next))
    monkeypatch.setattr(runs, "cancel_open", met(runs.cancel_open))
    monkeypatch.setattr(oauth_client, "revoke", lambda **_: True)
    row: ImportRun = RunFactory(
        state=ImportRun.State.RUNNING, lease_owner="worker", lease_until=timezone.now() + runs.LEASE_DURATION
    )
    return row


def test_disconnecting_while_a_run_ends(run: ImportRun) -> None:
    person, at = UserFactory(), timezone.now()
    ended = run_concurrently(
        [
            lambda: runs.finish(run=run, owner="worker", at=at),
            lambda: authorization_flow.disconnect(connection=run.connection, by=person, at=at),
        ]
    )
    assert ended == [WELL, WELL]
    run.refresh_from_db()
    assert run.state in {ImportRun.State.SUCCEEDED, ImportRun.State.FAILED}
    assert Connection.objects.get().status == Connection.Status.DISCONNECTED
