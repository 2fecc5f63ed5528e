"""The processes' role changes rows and no table, and the reading role sees no secret."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from prometheus_client import generate_latest

from infactor.core.health import metrics
from infactor.core.health.system_checks import processes_own_no_table
from infactor.ledger.models import Entry
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db
APP, READER = "test_app", "test_reader"


@pytest.fixture
def roles(db: None) -> None:
    """Both roles with their rights, made by the owner; they end with the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {APP}; CREATE ROLE {READER}")
    call_command("grant_database_roles", app=APP, reader=READER)


@contextmanager
def acting_as(role: str) -> Iterator[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        yield cursor
        cursor.execute("RESET ROLE")


def is_refused(role: str, statement: str) -> bool:
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(f"SET LOCAL ROLE {role}")
                cursor.execute(statement)
        except ProgrammingError as refused:
            return "permission denied" in str(refused) or "must be owner" in str(refused)
    return False


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
        "DROP TRIGGER core_auditevent_append_only ON core_auditevent",
        "TRUNCATE core_auditevent",
        "TRUNCATE invoices_invoice CASCADE",
        "DROP TABLE suppliers_supplier",
        "CREATE TABLE public.mine (id int)",
        "ALTER TABLE suppliers_supplier ADD COLUMN mine int",
        "CREATE OR REPLACE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SET session_replication_role = replica",
        "DELETE FROM django_migrations",
    ],
)
def test_a_process_cannot_change_a_table_or_switch_a_trigger_off(roles: None, statement: str) -> None:
    assert is_refused(APP, statement)


def test_a_process_finances_an_invoice_from_request_to_settlement(roles: None, scenario: Scenario) -> None:
    with acting_as(APP):
        advance = scenario.funded(scenario.invoice(scenario.buyer()))
        scenario.pay(advance, "1000")
        scenario.settle(advance)
        assert Entry.objects.count() > 5


def test_tables_of_a_later_migration_are_open_to_the_processes(roles: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE public.later (id bigserial PRIMARY KEY)")
    with acting_as(APP) as cursor:
        cursor.execute("INSERT INTO later DEFAULT VALUES RETURNING id")
        assert cursor.fetchone() == (1,)


def test_the_reading_role_reads_amounts_and_no_secret(roles: None) -> None:
    books = ConnectionFactory()
    with acting_as(READER) as cursor:
        cursor.execute("SELECT status FROM quickbooks_app_connection")
        assert cursor.fetchall() == [(books.status,)]
        cursor.execute("SELECT count(*) FROM ledger_entry")
    for secret in (
        "SELECT refresh_token FROM quickbooks_app_connection",
        "SELECT password FROM users_user",
        "SELECT session_key FROM django_session",
        "SELECT data FROM mfa_authenticator",
        "SELECT * FROM core_cache",
    ):
        assert is_refused(READER, secret), secret


@pytest.mark.parametrize("statement", ["UPDATE users_user SET name = ''", "DELETE FROM django_session"])
def test_the_reading_role_changes_nothing(roles: None, statement: str) -> None:
    assert is_refused(READER, statement)


def test_a_role_that_is_missing_or_owns_the_tables_is_refused(roles: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (owner,) = cursor.fetchone()
    for name in ("nobody_here", owner):
        with pytest.raises(CommandError, match=name):
            call_command("grant_database_roles", app=name, reader="")


def test_the_deployment_check_names_a_process_that_owns_tables(roles: None) -> None:
    assert [warning.id for warning in processes_own_no_table(None)] == ["infactor.W001"]
    with acting_as(APP):
        assert processes_own_no_table(None) == []


def test_the_reading_role_has_all_metrics(roles: None) -> None:
    ConnectionFactory()
    with acting_as(READER):
        text = generate_latest(metrics.registry()).decode()
    assert "infactor_up 1.0" in text
    assert 'infactor_connections{status="connected"} 1.0' in text
