"""The states of an invoice at infactor and the allowed transitions, and its status in the supplier's books."""

from datetime import date
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from infactor.core.transitions import Transitions


class State(models.TextChoices):
    """The state of an invoice at infactor. The labels are what suppliers read."""

    DRAFT = "draft", _("Draft")
    CREATED = "invoice_created", _("Awaiting approval")
    REJECTED = "invoice_rejected", _("Rejected by buyer")
    ACCEPTED = "invoice_accepted", _("Approved")
    REQUESTED = "ifactor_request", _("Financing requested")
    REFUSED = "ifactor_rejected", _("Declined")
    PROPOSED = "ifactor_proposed", _("Offer received")
    PROPOSAL_REJECTED = "ifactor_proposal_rejected", _("Offer declined")
    PROPOSAL_ACCEPTED = "ifactor_proposal_accepted", _("Offer accepted")
    PREPAID = "ifactor_prepaid", _("Funded")
    PAID = "invoice_paid", _("Buyer paid")
    COMPLETED = "completed", _("Completed")


# The states in which financing can be requested, and to which an invoice returns if the request comes to nothing.
_BEFORE_REQUEST = (State.CREATED, State.ACCEPTED, State.REFUSED, State.PROPOSAL_REJECTED)
TRANSITIONS = Transitions(
    field="state",
    allowed={
        State.DRAFT: (State.CREATED,),
        State.CREATED: (State.ACCEPTED, State.REJECTED, State.REQUESTED),
        State.REJECTED: (State.CREATED,),
        State.ACCEPTED: (State.REQUESTED, State.CREATED),  # its supplier corrects an invoice by hand
        State.REQUESTED: (State.PROPOSED, State.REFUSED, *_BEFORE_REQUEST),
        State.REFUSED: (State.REQUESTED,),
        State.PROPOSED: (State.PROPOSAL_ACCEPTED, State.PROPOSAL_REJECTED),
        State.PROPOSAL_REJECTED: (State.REQUESTED,),
        State.PROPOSAL_ACCEPTED: (State.PREPAID, *_BEFORE_REQUEST),
        # Back to before the request: its funding was taken back before the money had left.
        State.PREPAID: (State.PAID, State.COMPLETED, *_BEFORE_REQUEST),
        State.PAID: (State.PREPAID, State.COMPLETED),
        State.COMPLETED: (State.PAID, State.PREPAID),  # a correction, or a payment that the bank returns
    },
)


class BooksStatus(models.TextChoices):
    """The status of the invoice in the supplier's books."""

    OPEN = "open", _("Open")
    PARTLY_PAID = "partly_paid", _("Partly paid")
    PAID = "paid", _("Paid")
    VOIDED = "voided", _("Voided")
    DELETED = "deleted", _("Deleted")


FUNDED = (State.PREPAID, State.PAID, State.COMPLETED)


def derive_books_status(*, total: Decimal | None, balance: Decimal | None, voided: bool) -> BooksStatus:
    """The status that follows from the total, the open balance (in the same currency) and whether it is voided.

    An invoice of zero that is not voided counts as paid: nothing is owed. One with an unreadable amount is open.
    """
    if voided:
        return BooksStatus.VOIDED
    if total is None or balance is None:
        return BooksStatus.OPEN
    if balance <= 0:
        return BooksStatus.PAID
    return BooksStatus.PARTLY_PAID if balance < total else BooksStatus.OPEN


def is_overdue(*, books_status: str, payable_date: date | None, today: date) -> bool:
    """Whether an amount is still open after the due date; `today` is the supplier's day."""
    owed = books_status in (BooksStatus.OPEN, BooksStatus.PARTLY_PAID)
    return owed and payable_date is not None and payable_date < today
