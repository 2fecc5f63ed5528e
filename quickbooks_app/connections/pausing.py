"""What disabling an integration stops: the open runs of its companies, and the webhooks that wait."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from infactor.users.models import User
from quickbooks_app import runs
from quickbooks_app.auth import integration_changes
from quickbooks_app.models import Connection, ImportRun, Integration, WebhookEvent

REASON = gettext_noop("Our access to QuickBooks is switched off.")


def disable(*, integration: Integration, by: User, at: datetime) -> None:
    """Stop new connections and all reading. Tokens stay: once it is enabled, the changes since then are read.

    Raises integration_changes.ChangeRefused.
    """
    with transaction.atomic():
        row = integration_changes.disable(integration=integration, by=by, at=at)
        # The connection before its runs: docs/architecture.md, "Locks".
        reading = Connection.objects.filter(integration=row, runs__state__in=ImportRun.OPEN).order_by("pk")
        for pk in list(reading.values_list("pk", flat=True)):
            connection = Connection.objects.select_for_update(no_key=True).get(pk=pk)
            runs.cancel_open(connection=connection, at=at, error=REASON)
        WebhookEvent.objects.filter(connection__integration=row, state=WebhookEvent.State.WAITING).update(
            state=WebhookEvent.State.IGNORED, reason=WebhookEvent.Reason.NOT_CONNECTED, handled_at=at
        )
