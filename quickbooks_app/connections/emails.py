"""Mails to a supplier's owners about a connection: it needs them now, or it will soon. Each written once."""

from datetime import datetime
from urllib.parse import urljoin

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from infactor.core.email import outbox
from infactor.suppliers.models import Membership
from quickbooks_app.models import Connection


def attention(*, connection: Connection, reason: str) -> None:
    """Nothing is read any more until somebody reconnects. Once for each grant that dies."""
    occurrence = f"{connection.connected_at:%Y%m%dT%H%M%S.%f}"
    _write(connection, name="attention", occurrence=occurrence, reason=reason)


def expiry(*, connection: Connection, ends_at: datetime) -> None:
    """The permission will end at a known time. Once for each end."""
    _write(connection, name="expiry", occurrence=f"{ends_at:%Y%m%d}", ends_at=ends_at)


def _write(connection: Connection, *, name: str, occurrence: str, **said: object) -> None:
    owners = Membership.objects.filter(
        supplier=connection.supplier_id, role=Membership.Role.OWNER, user__is_active=True
    ).select_related("user")
    context = {
        "connection": connection,
        "supplier": connection.supplier,
        # Ours and Intuit's registered address share their host: the one address that is always right.
        "address": urljoin(settings.QUICKBOOKS_REDIRECT_URI, reverse("quickbooks:home")),
        "support_email": settings.SUPPORT_EMAIL,
        **said,
    }
    for owner in owners:
        outbox.write(
            key=f"quickbooks.{name}:{connection.pk}:{occurrence}:{owner.user_id}",
            to=owner.user.email,
            subject=render_to_string(f"quickbooks/email/{name}_subject.txt", context),
            body=render_to_string(f"quickbooks/email/{name}_message.txt", context),
            supplier_id=connection.supplier_id,
        )
