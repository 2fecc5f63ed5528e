"""Rows are locked in one order: two transactions take turns, and none is a deadlock's victim."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.utils import timezone

from quickbooks_app import runs
from quickbooks_app.auth import oauth_client
from quickbooks_app.auth.oauth_client import Tokens
from quickbooks_app.connections import authorization_flow, grants
from quickbooks_app.connections.grants import Grant
from quickbooks_app.models import Connection, ConsentAttempt, ImportRun
from quickbooks_app.sync import run_worker
from tests.support.database.row_locks import recorded_row_locks
from tests.support.factories.quickbooks import RunFactory, owner_of
from tests.support.fakes.intuit_server import Intuit
from tests.support.processes.threads import WELL, run_concurrently
from tests.support.scenarios.lifecycle import build
from tests.support.scenarios.onboarding import published

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
    person, at = owner_of(run.connection), timezone.now()
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


def grant(realm_id: str) -> Grant:
    at = timezone.now()
    new = Tokens(
        access_token="access",
        access_token_expires_at=at + timedelta(hours=1),
        refresh_token="refresh",
        refresh_token_expires_at=at + timedelta(days=100),
        refresh_token_hard_expires_at=None,
    )
    return Grant(realm_id=realm_id, tokens=new, company_name="Larkspur", home_currency="USD", time_zone="UTC")


def test_no_two_transactions_lock_rows_in_opposite_orders(intuit: Intuit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth_client, "revoke", lambda **_: True)
    published()
    with recorded_row_locks() as locks:
        lifecycle = build(now=timezone.now())
        owner, at = lifecycle.scenario.owner, timezone.now()

        def attempt() -> ConsentAttempt:
            begun, _ = authorization_flow.begin(
                user=owner, supplier=lifecycle.scenario.supplier, browser="b", in_popup=True, at=at
            )
            begun.used_at = at
            begun.save()
            return begun

        for realm_id in ("1", "1", "2"):  # a new company, the same again, another one
            grants.connect(attempt=attempt(), grant=grant(realm_id), at=at)
        other = authorization_flow._await_choice(attempt(), grant("2"), at=at)
        authorization_flow.confirm_other_company(user=owner, attempt_id=other.public_id, at=at)
        for run in ImportRun.objects.filter(state=ImportRun.State.QUEUED):
            run_worker.process_run(run_id=run.pk, owner="worker", now=timezone.now)
        first, second = Connection.objects.order_by("pk")
        runs.request(connection=first, by=owner, at=at)
        authorization_flow.disconnect(connection=first, by=owner, at=at)
        authorization_flow.mark_needs_attention(connection=second, reason="The grant has ended.", at=at)
    assert locks.before("quickbooks_app_connection", "quickbooks_app_importrun"), "it was recorded"
    assert locks.before("suppliers_supplier", "invoices_invoice"), "financing was recorded, too"
    assert locks.cycle() == []
