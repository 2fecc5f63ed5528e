"""Release of a realm by staff, with a reason, so that another supplier can connect the company."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from infactor.core import transitions
from infactor.invoices.models import Invoice
from infactor.users.models import User
from quickbooks_app.models import Connection, Document

MIN_REASON_LENGTH = 10


class ReasonMissing(ValueError):
    """A release needs a reason that others can understand later."""


@dataclass(frozen=True)
class RetainedData:
    """The data that stays with the supplier after a release."""

    invoices: int
    documents: int


def retained_data(connection: Connection) -> RetainedData:
    """Count the data that was imported through this connection."""
    return RetainedData(
        invoices=Invoice.objects.filter(company_file=connection.company_file_id).count(),
        documents=Document.objects.filter(connection=connection).count(),
    )


def release(*, connection: Connection, by: User | None, reason: str, at: datetime) -> Connection:
    """Erase the realm id, so that any supplier can connect the company. The imported data and the connection row stay.

    Raises transitions.TransitionNotAllowed while it is connected or needs attention, ReasonMissing without a reason.
    """
    reason = " ".join(reason.split())
    if len(reason) < MIN_REASON_LENGTH:
        raise ReasonMissing(_("Give a reason that others can understand later."))
    return transitions.move(
        connection,
        to=Connection.Status.RELEASED,
        transitions=Connection.TRANSITIONS,
        by=by,
        at=at,
        supplier_id=connection.supplier_id,
        reason=reason,
        changes={"realm_id": "", "realm_fingerprint": None, "next_sync_at": None},
    )
