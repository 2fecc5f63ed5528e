"""The steps of an invoice on its way through financing, out of the audit trail, in the words of its supplier."""

from collections.abc import Iterator
from datetime import datetime

from infactor.core.models import AuditEvent
from infactor.financing.models import Advance, Case, Offer, OfferLine
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.verification.models import Verification

TO = {
    State.REQUESTED: "Financing requested",
    State.PROPOSED: "Offer received",
    State.REFUSED: "Financing declined",
    State.PROPOSAL_ACCEPTED: "Offer accepted",
    State.PREPAID: "Paid out to you",
    State.PAID: "Your buyer has paid",
    State.COMPLETED: "Completed",
    State.ACCEPTED: "Confirmed by your buyer",
    State.REJECTED: "Rejected by your buyer",
    State.CREATED: "Submitted again",
}
BACK_FROM = {State.REQUESTED: "Request withdrawn", State.PROPOSAL_ACCEPTED: "Financing cancelled"}
ON_THE_WAY = {State.PROPOSED, State.PREPAID, State.PROPOSAL_ACCEPTED, State.REFUSED}
ENDED = {
    Offer.Status.DECLINED: "Offer declined",
    Offer.Status.EXPIRED: "Offer expired",
    Offer.Status.WITHDRAWN: "Offer withdrawn",
}
# Reasons that were written for the supplier; others say nothing more than the title, or are for staff.
WITH_REASON = {"Financing declined", "Financing cancelled", "Request withdrawn", "Offer withdrawn", "Offer declined"}
OPENED = {Case.Kind.DISPUTE: "Disputed", Case.Kind.RECOURSE: "Recourse date reached"}
CLOSED = {Case.Outcome.UPHELD: "Dispute upheld", Case.Outcome.REJECTED: "Dispute rejected"}
RETURNED = "Your buyer's payment was returned"
ASKED = "Your buyer was asked"
# The end of an advance that no buyer paid.
ENDS: dict[str, str] = {Advance.Status.REPURCHASED: "You bought it back", Advance.Status.WRITTEN_OFF: "Written off"}


def steps(invoice: Invoice, *, advance: Advance | None) -> Iterator[tuple[datetime, str, str]]:
    """(when, what, why or "") of each step, in no order. `advance` is what it was financed by. Four queries at most."""
    for asked in Verification.objects.filter(invoice=invoice).only("sent_at", "to"):
        if asked.sent_at is not None:
            yield asked.sent_at, ASKED, asked.to
    subject = {"subject_type": invoice._meta.label_lower, "subject_id": str(invoice.pk)}
    events = list(AuditEvent.objects.filter(event="invoice.state", **subject).order_by("-at", "-pk"))
    if not events:
        return
    lines = OfferLine.objects.filter(invoice=invoice).select_related("offer")
    ended = {line.offer.decided_at: line.status for line in lines}
    for event in events:
        before, after = str(event.details.get("from", "")), str(event.details.get("to", ""))
        title = _title(before, after, ended=ended.get(event.at, ""))
        if title == TO[State.COMPLETED] and advance is not None:
            title = ENDS.get(advance.status, title)
        if title:
            why = event.reason if title in WITH_REASON and event.reason not in Offer.Status.values else ""
            yield event.at, title, why
    for case in Case.objects.filter(advance__invoice=invoice):
        is_dispute = case.kind == Case.Kind.DISPUTE
        yield case.opened_at, OPENED[Case.Kind(case.kind)], case.reason if is_dispute else ""
        if is_dispute and case.closed_at is not None and case.outcome in CLOSED:
            yield case.closed_at, CLOSED[Case.Outcome(case.outcome)], case.conclusion


def _title(before: str, after: str, *, ended: str) -> str:
    if after == State.PROPOSAL_REJECTED and before == State.PROPOSED:
        return ENDED.get(Offer.Status(ended) if ended else Offer.Status.DECLINED, "Offer declined")
    if before in BACK_FROM and after not in ON_THE_WAY:
        return BACK_FROM[State(before)]
    if before == State.REQUESTED and after == State.REFUSED:
        return TO[State.REFUSED]
    if before == State.PAID and after == State.PREPAID:
        return RETURNED
    if after == State.REFUSED and before == State.PROPOSAL_ACCEPTED:
        return BACK_FROM[State.PROPOSAL_ACCEPTED]
    return TO.get(State(after), "") if after in State.values else ""
