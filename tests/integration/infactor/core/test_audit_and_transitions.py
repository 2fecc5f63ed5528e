"""The audit trail and state transitions, on a real database."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from infactor.core import audit
from infactor.core.keys import fingerprint
from infactor.core.models import AuditEvent
from infactor.core.transitions import TransitionNotAllowed, move
from quickbooks_app.auth import integrations
from quickbooks_app.models import Connection
from tests.support.factories.suppliers import CompanyFileFactory, MembershipFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def connected(**values: Any) -> Connection:
    membership = MembershipFactory()
    given = {
        "supplier": membership.supplier,
        "company_file": CompanyFileFactory(supplier=membership.supplier),
        "integration": integrations.from_settings(),
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


@pytest.mark.parametrize(
    "change", ["UPDATE core_auditevent SET event = 'forged'", "DELETE FROM core_auditevent", "TRUNCATE core_auditevent"]
)
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
