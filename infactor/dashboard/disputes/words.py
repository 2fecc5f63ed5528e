"""A dispute in the words of the supplier's pages: how it stands, and whose turn it is."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from infactor.correspondence.disputes import Dispute, Turn
from infactor.financing.models import Case

TONES = {Turn.SUPPLIER: "warn", Turn.STAFF: "info", Turn.BUYER: "info", Turn.NOBODY: "neutral"}


@dataclass(frozen=True)
class Described:
    """A dispute with its words. `next_text` says who does what next."""

    dispute: Dispute
    state: str
    tone: str
    next_text: str

    @property
    def reason(self) -> str:
        """Why it is disputed, in the words of who said it."""
        denial, case = self.dispute.denial, self.dispute.case
        return denial.dispute_reason if denial is not None else case.reason if case is not None else ""


def describe(dispute: Dispute) -> Described:
    """`dispute` in words."""
    state, next_text = _words(dispute)
    return Described(dispute, state, TONES[dispute.turn], next_text)


def _words(dispute: Dispute) -> tuple[str, str]:
    match dispute.turn:
        case Turn.SUPPLIER if dispute.is_resubmitted:
            return _("Resubmitted"), _("Ask your buyer to confirm the invoice again.")
        case Turn.SUPPLIER if dispute.case is not None:
            return _("Waiting for you"), _("Talk to your buyer, then tell us what you say to it.")
        case Turn.SUPPLIER:
            return _("Waiting for you"), _("Talk to your buyer and correct the invoice. Then say that it is resolved.")
        case Turn.BUYER:
            return _("Waiting for your buyer"), _("We have asked your buyer to confirm the invoice again.")
        case Turn.STAFF:
            return _("Waiting for us"), _("We have your answer. We decide, and write to you.")
    return _ended(dispute)


def _ended(dispute: Dispute) -> tuple[str, str]:
    if dispute.case is not None:
        states = {
            Case.Outcome.UPHELD: _("Decided: your buyer is right"),
            Case.Outcome.REJECTED: _("Decided: the invoice stands"),
        }
        return states.get(Case.Outcome(dispute.case.outcome), _("Over")), dispute.case.conclusion
    if dispute.later is not None:
        return _("Over"), _("Your buyer has confirmed the invoice since.")
    return _("Over"), _("The invoice is paid, or no longer in your books.")
