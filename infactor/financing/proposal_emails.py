"""What the people of a supplier hear of an acceptance that needs a second person."""

from infactor.financing import emails
from infactor.financing.models import AcceptanceProposal


def proposed(*, proposal: AcceptanceProposal) -> None:
    """Somebody waits for an owner other than them."""
    _notify("acceptance_proposed", proposal)


def withdrawn(*, proposal: AcceptanceProposal) -> None:
    """It waits no more: `decided_by` says whose decision that was."""
    _notify("acceptance_withdrawn", proposal)


def _notify(event: str, proposal: AcceptanceProposal) -> None:
    key = f"proposal:{proposal.pk}"
    emails.enqueue(proposal.supplier_id, event, key, offer=proposal.offer, proposal=proposal)
