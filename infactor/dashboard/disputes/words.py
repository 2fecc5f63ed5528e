"""A dispute in the words of the supplier's pages: how it stands, and whose turn it is."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from infactor.correspondence.disputes import Dispute, Stance, Turn
from infactor.financing.models import Case
from infactor.invoices.states import State

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
        case Turn.SUPPLIER if dispute.case is not None:
            return _("Waiting for you"), _("Talk to your buyer, then tell us your side.")
        case Turn.SUPPLIER:
            return _for_supplier(dispute)
        case Turn.BUYER:
            return _("Waiting for your buyer"), _("We have asked your buyer to confirm the invoice again.")
        case Turn.STAFF if dispute.answers:
            return _("Waiting for us"), _("We have your answer. We will decide and write to you.")
        case Turn.STAFF:
            return _("Waiting for us"), _("We will check what your buyer says. You can tell us your side.")
    return _ended(dispute)


def _for_supplier(dispute: Dispute) -> tuple[str, str]:
    """Of an invoice that is not financed: what its supplier does next, after what it has said already."""
    is_rejected = dispute.invoice.state == State.REJECTED
    match dispute.stance:
        case Stance.ACCEPTS if is_rejected:
            return _("Waiting for you"), _("Correct the invoice, then resubmit it.")
        case Stance.ACCEPTS:
            return _("Waiting for you"), _("Correct the invoice, then ask your buyer to confirm it again.")
        case Stance.RESOLVED if is_rejected:
            return _("Waiting for you"), _("Resubmit the invoice, then ask your buyer to confirm it again.")
        case Stance.RESOLVED if dispute.invoice.state == State.CREATED:
            return _("Resubmitted"), _("Ask your buyer to confirm the invoice again.")
    if dispute.stance == Stance.RESOLVED or dispute.invoice.state == State.CREATED:
        return _("Waiting for you"), _("Ask your buyer to confirm the invoice again.")
    return _("Waiting for you"), _("Talk to your buyer and correct the invoice. Then say that it is resolved.")


def _ended(dispute: Dispute) -> tuple[str, str]:
    closed = pgettext("dispute", "Closed")
    if dispute.case is not None and not dispute.is_newer_than_case:
        if dispute.case.outcome == Case.Outcome.ENDED:  # its conclusion is no person's, and in one language
            return closed, _("The advance has ended, and the dispute with it.")
        states = {
            Case.Outcome.UPHELD: _("Decided: your buyer is right"),
            Case.Outcome.REJECTED: _("Decided: the invoice stands"),
        }
        return states.get(Case.Outcome(dispute.case.outcome), closed), dispute.case.conclusion
    if dispute.later is not None:
        return closed, _("Your buyer has confirmed the invoice since.")
    return closed, _("The invoice is paid, or no longer in your books.")
