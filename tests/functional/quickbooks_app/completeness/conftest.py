"""Fixtures for completeness checks: the company of the sync tests, and a check made to its end."""

from datetime import timedelta
from typing import Any

import pytest

from quickbooks_app.completeness import check_worker, checks
from quickbooks_app.models import ApiCall, CompletenessCheck, Connection
from quickbooks_app.sandbox.data import generate
from quickbooks_app.sandbox.oauth import tokens as oauth_tokens
from quickbooks_app.sandbox.runtime.environment import RegisteredApp
from quickbooks_app.sync import run_worker
from tests.functional.quickbooks_app.sync.conftest import (  # noqa: F401  fixtures
    Company,
    company,
    imported,
    module_import,
    prepare,
    read,
    seeded,
)
from tests.support.factories.quickbooks import Clock, ConnectionFactory


def compare(connection: Connection, clock: Clock) -> CompletenessCheck:
    """Request a check and work on it, and on the runs that it waits for, until it has ended."""
    check = checks.request(connection_id=connection.pk, trigger="daily", at=clock())
    for _ in range(60):
        clock.advance(seconds=1)
        run = check_worker.process_check(check_id=check.pk, owner="test", now=clock)
        if run is not None:
            run_worker.process_run(run_id=run.pk, owner="test", now=clock)
        check.refresh_from_db()
        if check.finished_at is not None:
            return check
        clock.advance(minutes=6)
    raise AssertionError(f"the check does not end: {check.error}")


def read_everything_again(connection: Connection, clock: Clock) -> None:
    """Work on the reading of everything that a check has asked for."""
    (run_id,) = checks.open_full_reads(at=clock())
    clock.advance(seconds=1)
    run_worker.process_run(run_id=run_id, owner="test", now=clock)


def lines(check: CompletenessCheck) -> list[tuple[str, str, str, str]]:
    return list(check.lines.values_list("kind", "outcome", "entity", "qbk_id"))


def metered_calls(connection: Connection) -> list[str]:
    """The operations of all calls to the company that succeeded."""
    return [call.title for call in ApiCall.objects.filter(connection=connection, error_code="").order_by("pk")]


@pytest.fixture
def invoice(company: Company, imported: Connection) -> dict[str, Any]:  # noqa: F811
    """An invoice over 100.00 that infactor has read."""
    made = company.bill(amount="100.00")
    company.clock.advance(minutes=20)
    read(imported, company.clock)
    company.clock.advance(minutes=20)
    return made


@pytest.fixture
def second(company: Company, db: None) -> Connection:  # noqa: F811
    """The sandbox's second company, which has one currency, connected and imported."""
    app = RegisteredApp()
    code = oauth_tokens.grant(
        company.store,
        client_id=app.client_id,
        realm=generate.SECOND_REALM,
        scope=oauth_tokens.ACCOUNTING,
        email="studio@harborvine.example",
        redirect_uri=app.redirect_uris[0],
        at=company.clock(),
    )
    given = oauth_tokens.exchange(
        company.store, client_id=app.client_id, code=code, redirect_uri=app.redirect_uris[0], at=company.clock()
    )
    made = ConnectionFactory(
        realm_id=generate.SECOND_REALM,
        connected_at=company.clock(),
        access_token=given.access,
        access_token_expires_at=company.clock() + timedelta(hours=1),
        refresh_token=given.refresh,
        refresh_token_expires_at=company.clock() + timedelta(days=100),
    )
    read(made, company.clock)
    connected: Connection = Connection.objects.select_related("company_file").get(pk=made.pk)
    return connected
