"""Emails to a supplier's owners: reconnect QuickBooks now, or renew a grant that expires soon. Each is sent once."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from infactor.suppliers import notifications
from infactor.suppliers.models import NotificationKind
from quickbooks_app.models import Connection


def enqueue_attention_email(*, connection: Connection, reason: str) -> None:
    """The connection needs a reconnect. One email for each ended grant."""
    occurrence = f"{connection.connected_at:%Y%m%dT%H%M%S.%f}"
    _enqueue(connection, name="attention", occurrence=occurrence, reason=reason)


def enqueue_expiry_email(*, connection: Connection, ends_at: datetime) -> None:
    """The grant will expire at `ends_at`. One email for each expiry date."""
    _enqueue(connection, name="expiry", occurrence=f"{ends_at:%Y%m%d}", ends_at=ends_at)


def _enqueue(connection: Connection, *, name: str, occurrence: str, **extra: object) -> None:
    event = notifications.from_templates(
        supplier_id=connection.supplier_id,
        kind=NotificationKind.BOOKS,
        key=f"quickbooks.{name}:{connection.pk}:{occurrence}",
        path=reverse("quickbooks:home"),
        template=f"quickbooks/email/{name}",
        context={"connection": connection, **extra},
    )
    notifications.notify(event, at=timezone.now())
