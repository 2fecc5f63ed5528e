"""Disconnects QuickBooks when a supplier asks to close its account."""

from datetime import datetime

import structlog

from infactor.core.transitions import TransitionNotAllowed
from infactor.users.models import User
from quickbooks_app.connections import authorization_flow
from quickbooks_app.models import Connection

log = structlog.get_logger(__name__)


def disconnect_all(supplier_id: int, user_id: int, at: datetime) -> None:
    """End every connection of the supplier, by the owner who asked to close the account."""
    user = User.objects.get(pk=user_id)
    ended = (Connection.Status.DISCONNECTED,)
    for connection in Connection.objects.filter(supplier=supplier_id).exclude(status__in=ended).order_by("pk"):
        try:
            authorization_flow.disconnect(connection=connection, by=user, at=at)
        except TransitionNotAllowed:  # somebody disconnected it meanwhile
            log.info("already_disconnected", connection=connection.pk)
