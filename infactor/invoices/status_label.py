"""The label of an invoice: one text and tone made from its state and its status in the books."""

from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.translatable import Text
from infactor.invoices.states import FUNDED, BooksStatus, State


class StatusLabel(NamedTuple):
    """The text and the tone (neutral, info, good, warn, bad) of a badge. The tone is never the only signal."""

    text: Text
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

# By how the last offer ended, if the supplier did not decline it.
CLOSED_OFFER_LABELS = {"expired": gettext_lazy("Offer expired"), "withdrawn": gettext_lazy("Offer withdrawn")}


def status_label(*, state: str, books_status: str, last_offer_status: str = "") -> StatusLabel:
    """The label of an invoice.

    In order of precedence: deleted; voided; the funded states; paid in the books; the other states.
    `last_offer_status` is how its last offer ended, "" if that was not loaded.
    """
    if books_status == BooksStatus.DELETED:
        return StatusLabel(_("Deleted in QuickBooks"), "neutral")
    if books_status == BooksStatus.VOIDED:
        return StatusLabel(_("Voided"), "neutral")
    known = State(state)
    if known not in FUNDED and books_status == BooksStatus.PAID:
        return StatusLabel(_("Paid"), "good")
    if known == State.PROPOSAL_REJECTED and last_offer_status in CLOSED_OFFER_LABELS:
        return StatusLabel(CLOSED_OFFER_LABELS[last_offer_status], "neutral")
    return StatusLabel(str(known.label), STATE_TONES.get(known, "neutral"))
