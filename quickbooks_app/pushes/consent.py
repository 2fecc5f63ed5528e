"""The supplier's word: infactor writes into its books only while an owner of the supplier allows it."""

from datetime import datetime

from django.db import transaction

from infactor.core import audit
from infactor.suppliers.access import require_member
from infactor.users.models import User
from quickbooks_app.models import Connection


def allow_writes(*, connection: Connection, by: User, at: datetime) -> bool:
    """Allow infactor to write into the books of `connection`. Returns whether it was not allowed before.

    Raises NotAllowed unless `by` is an owner of the supplier.
    """
    return _change(connection=connection, by=by, at=at, allowed_at=at)


def stop_writes(*, connection: Connection, by: User, at: datetime) -> bool:
    """Allow it no longer. What waits is not written any more. Returns whether it was allowed before."""
    return _change(connection=connection, by=by, at=at, allowed_at=None)


def _change(*, connection: Connection, by: User, at: datetime, allowed_at: datetime | None) -> bool:
    require_member(by=by, supplier=connection.supplier, owner=True)
    with transaction.atomic():
        changed = Connection.objects.filter(pk=connection.pk, writes_allowed_at__isnull=allowed_at is not None)
        if not changed.update(writes_allowed_at=allowed_at):
            return False
        audit.record(
            event="quickbooks.writes_allowed" if allowed_at else "quickbooks.writes_stopped",
            subject=connection,
            by=by,
            at=at,
            supplier_id=connection.supplier_id,
        )
    return True
