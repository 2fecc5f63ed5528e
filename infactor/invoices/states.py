"""The states of an invoice, what the books say of it, and the one label that people read."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import models

from infactor.core.transitions import Moves


class State(models.TextChoices):
    """Where the invoice stands with infactor. The labels are the supplier's."""

    DRAFT = "draft", "Draft"
    CREATED = "invoice_created", "Awaiting approval"
    REJECTED = "invoice_rejected", "Rejected by buyer"
    ACCEPTED = "invoice_accepted", "Approved"
    REQUESTED = "ifactor_request", "Financing requested"
    REFUSED = "ifactor_rejected", "Declined"
    PROPOSED = "ifactor_proposed", "Offer received"
    PROPOSAL_REJECTED = "ifactor_proposal_rejected", "Offer declined"
    PROPOSAL_ACCEPTED = "ifactor_proposal_accepted", "Offer accepted"
    PREPAID = "ifactor_prepaid", "Funded"
    PAID = "invoice_paid", "Buyer paid"
    COMPLETED = "completed", "Completed"


# Every move of the product, and no other. "The state before the request" may be any that a request starts from.
_BEFORE_REQUEST = (State.CREATED, State.ACCEPTED, State.REFUSED, State.PROPOSAL_REJECTED)
MOVES = Moves(
    field="state",
    allowed={
        State.DRAFT: (State.CREATED,),
        State.CREATED: (State.ACCEPTED, State.REJECTED, State.REQUESTED),
        State.REJECTED: (State.CREATED,),
        State.ACCEPTED: (State.REQUESTED,),
        State.REQUESTED: (State.PROPOSED, State.REFUSED, *_BEFORE_REQUEST),
        State.REFUSED: (State.REQUESTED,),
        State.PROPOSED: (State.PROPOSAL_ACCEPTED, State.PROPOSAL_REJECTED),
        State.PROPOSAL_REJECTED: (State.REQUESTED,),
        State.PROPOSAL_ACCEPTED: (State.PREPAID, *_BEFORE_REQUEST),
        State.PREPAID: (State.PAID, State.COMPLETED),
        State.PAID: (State.PREPAID, State.COMPLETED),
        State.COMPLETED: (),
    },
)


class BooksStatus(models.TextChoices):
    """What the supplier's books say of the invoice."""

    OPEN = "open", "Open"
    PARTLY_PAID = "partly_paid", "Partly paid"
    PAID = "paid", "Paid"
    VOIDED = "voided", "Voided"
    DELETED = "deleted", "Deleted"


FUNDED = (State.PREPAID, State.PAID, State.COMPLETED)


class Label(NamedTuple):
    """What a pill shows: its words, and a tone (neutral, info, good, warn, bad) that is never the only sign."""

    text: str
    tone: str


STATE_TONES = {
    State.REJECTED: "bad",
    State.ACCEPTED: "good",
    State.REQUESTED: "info",
    State.PROPOSED: "info",
    State.PROPOSAL_ACCEPTED: "info",
    State.PREPAID: "good",
    State.PAID: "good",
}


# How the last offer ended, where it was not declined.
ENDED_OFFERS = {"expired": "Offer expired", "withdrawn": "Offer withdrawn"}


def label(*, state: str, books_status: str, ended_offer: str = "") -> Label:
    """The one plain label of an invoice.

    By precedence: deleted; voided; the funded states; paid in the books; the other states. `ended_offer` is how its
    last offer ended, as far as that was asked for.
    """
    if books_status == BooksStatus.DELETED:
        return Label("Deleted in QuickBooks", "neutral")
    if books_status == BooksStatus.VOIDED:
        return Label("Voided", "neutral")
    known = State(state)
    if known not in FUNDED and books_status == BooksStatus.PAID:
        return Label("Paid", "good")
    if known == State.PROPOSAL_REJECTED and ended_offer in ENDED_OFFERS:
        return Label(ENDED_OFFERS[ended_offer], "neutral")
    return Label(str(known.label), STATE_TONES.get(known, "neutral"))


def books_status(*, total: Decimal | None, balance: Decimal | None, voided: bool) -> BooksStatus:
    """What an amount, what is still open of it, and a void make together (same currency for both).

    An invoice of zero that is no void counts as paid: nothing is owed. One whose amounts cannot be read is open.
    """
    if voided:
        return BooksStatus.VOIDED
    if total is None or balance is None:
        return BooksStatus.OPEN
    if balance <= 0:
        return BooksStatus.PAID
    return BooksStatus.PARTLY_PAID if balance < total else BooksStatus.OPEN


def is_overdue(*, books_status: str, payable_date: date | None, today: date) -> bool:
    """Whether something is still owed after its due date; `today` is the supplier's day."""
    owed = books_status in (BooksStatus.OPEN, BooksStatus.PARTLY_PAID)
    return owed and payable_date is not None and payable_date < today
