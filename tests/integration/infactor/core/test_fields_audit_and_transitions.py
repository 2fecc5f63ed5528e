"""Encrypted fields, the audit trail and state transitions, on a real database."""

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from infactor.core import audit
from infactor.core.fields import DecryptionError, fingerprint
from infactor.core.models import AuditEvent
from infactor.core.transitions import TransitionNotAllowed, move
from quickbooks_app.models import Connection
from tests.support.factories.suppliers import CompanyFileFactory, MembershipFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def connected(**values: Any) -> Connection:
    membership = MembershipFactory()
    given = {
        "supplier": membership.supplier,
        "company_file": CompanyFileFactory(supplier=membership.supplier),
        "environment": "local",
        "realm_id": "9341457021722202",
        "realm_fingerprint": fingerprint("realm", "local", "9341457021722202"),
        "company_name": "Larkspur",
        "connected_by": membership.user,
        "connected_at": AT,
        "access_token": "secret-access",
        "refresh_token": "secret-refresh",
    }
    return Connection.objects.create(**{**given, **values})


def stored(row: Connection, column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM quickbooks_app_connection WHERE id = %s", [row.pk])
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize("column", ["access_token", "refresh_token", "realm_id"])
def test_a_secret_is_ciphertext_in_the_database_and_plain_in_python(column: str) -> None:
    row = connected()
    assert getattr(row, column) not in stored(row, column)
    assert stored(row, column).startswith("gAAAA")
    assert getattr(Connection.objects.get(pk=row.pk), column) == getattr(row, column)


def test_a_secret_that_is_set_by_an_update_is_encrypted_once_too() -> None:
    row = connected()
    Connection.objects.filter(pk=row.pk).update(access_token="another-one")
    assert "another-one" not in stored(row, "access_token")
    assert Connection.objects.get(pk=row.pk).access_token == "another-one"


def test_a_secret_cannot_be_searched_for() -> None:
    with pytest.raises(TypeError, match="encrypted"):
        Connection.objects.filter(access_token__contains="sec").exists()


def test_keys_can_be_rotated_and_the_old_one_dropped(settings: Any) -> None:
    row = connected()
    old, new = settings.FIELD_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    assert Connection.objects.get(pk=row.pk).refresh_token == "secret-refresh"
    call_command("rotate_field_keys")
    settings.FIELD_ENCRYPTION_KEYS = [new]
    again = Connection.objects.get(pk=row.pk)
    assert (again.access_token, again.refresh_token, again.realm_id) == (
        "secret-access",
        "secret-refresh",
        "9341457021722202",
    )


def test_a_secret_whose_key_is_gone_is_named_and_not_shown(settings: Any) -> None:
    row = connected()
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(DecryptionError, match="no longer in FIELD_ENCRYPTION_KEYS") as refused:
        Connection.objects.get(pk=row.pk)
    assert "gAAAA" not in str(refused.value)


def test_a_fingerprint_is_the_same_for_the_same_value_and_another_for_another_key(settings: Any) -> None:
    before = fingerprint("realm", "local", "1")
    assert before == fingerprint("realm", "local", "1")
    assert before != fingerprint("realm", "loca", "l1")
    settings.FINGERPRINT_KEY = "another"
    assert before != fingerprint("realm", "local", "1")


@pytest.mark.parametrize("change", ["UPDATE core_auditevent SET event = 'forged'", "DELETE FROM core_auditevent"])
def test_the_database_refuses_to_change_what_the_audit_trail_says(change: str) -> None:
    row = connected()
    audit.record(event="quickbooks.connected", subject=row, by=row.connected_by, at=AT, supplier_id=row.supplier_id)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert AuditEvent.objects.filter(event="quickbooks.connected").count() == 1


def test_a_move_is_written_with_who_when_and_why() -> None:
    row = connected()
    moved = move(
        row,
        to=Connection.Status.NEEDS_ATTENTION,
        transitions=Connection.TRANSITIONS,
        by=row.connected_by,
        at=AT,
        supplier_id=row.supplier_id,
        reason="Told so.",
    )
    event = AuditEvent.objects.get(event="connection.status")
    assert moved.status == "needs_attention"
    assert (event.actor_id, event.at, event.reason) == (row.connected_by_id, AT, "Told so.")
    assert event.details == {"from": "connected", "to": "needs_attention"}


def test_a_move_that_is_not_allowed_from_the_state_in_the_database_writes_nothing() -> None:
    row = connected()
    Connection.objects.filter(pk=row.pk).update(status="disconnected", access_token="", refresh_token="")
    with pytest.raises(TransitionNotAllowed):
        move(row, to=Connection.Status.NEEDS_ATTENTION, transitions=Connection.TRANSITIONS, by=None, at=AT)
    assert Connection.objects.get(pk=row.pk).status == "disconnected"
    assert not AuditEvent.objects.exists()
