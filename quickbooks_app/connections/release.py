"""Giving a company free, so that another supplier may connect it: by staff, with a reason, and never while it lives."""

from dataclasses import dataclass
from datetime import datetime

from infactor.core import transitions
from infactor.invoices.models import Invoice
from infactor.users.models import User
from quickbooks_app.models import Connection, Document

SHORTEST_REASON = 10


class ReasonMissing(ValueError):
    """Why a company is given free must be said so that somebody else understands it later."""


@dataclass(frozen=True)
class Figures:
    """What stays with the supplier when its company is given free."""

    invoices: int
    documents: int


def figures(connection: Connection) -> Figures:
    """What was read through this connection and stays."""
    return Figures(
        invoices=Invoice.objects.filter(company_file=connection.company_file_id).count(),
        documents=Document.objects.filter(connection=connection).count(),
    )


def release(*, connection: Connection, by: User | None, reason: str, at: datetime) -> Connection:
    """Forget which company this was, so that it can be connected anew, by anybody. What was read stays, and so does
    the row that says where it came from.

    Raises transitions.MoveRefused while it is connected or needs attention, ReasonMissing without a reason.
    """
    said = " ".join(reason.split())
    if len(said) < SHORTEST_REASON:
        raise ReasonMissing("Say why in a sentence that somebody else understands later.")
    return transitions.move(
        connection,
        to=Connection.Status.RELEASED,
        moves=Connection.MOVES,
        by=by,
        at=at,
        supplier_id=connection.supplier_id,
        reason=said,
        changes={"realm_id": "", "realm_fingerprint": None, "next_sync_at": None},
    )
