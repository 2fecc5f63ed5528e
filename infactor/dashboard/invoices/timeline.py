"""Financing events of an invoice for its history, from the audit trail."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from infactor.core.models import AuditEvent
from infactor.financing.models import Advance, Case, Correction, Notice, Offer, OfferLine
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.verification.models import Verification

TITLES = {
    State.REQUESTED: gettext_lazy("Financing requested"),
    State.PROPOSED: gettext_lazy("Offer received"),
    State.REFUSED: gettext_lazy("Financing declined"),
    State.PROPOSAL_ACCEPTED: gettext_lazy("Offer accepted"),
    State.PREPAID: gettext_lazy("Bought by infactor"),
    State.PAID: gettext_lazy("Your buyer has paid"),
    State.COMPLETED: gettext_lazy("Completed"),
    State.ACCEPTED: gettext_lazy("Confirmed by your buyer"),
    State.REJECTED: gettext_lazy("Rejected by your buyer"),
    State.CREATED: gettext_lazy("Submitted again"),
}
REVERT_TITLES = {
    State.REQUESTED: gettext_lazy("Request withdrawn"),
    State.PROPOSAL_ACCEPTED: gettext_lazy("Financing cancelled"),
}
STATES_AHEAD = {State.PROPOSED, State.PREPAID, State.PROPOSAL_ACCEPTED, State.REFUSED}
OFFER_TITLES = {
    Offer.Status.DECLINED: gettext_lazy("Offer declined"),
    Offer.Status.EXPIRED: gettext_lazy("Offer expired"),
    Offer.Status.WITHDRAWN: gettext_lazy("Offer withdrawn"),
}
# Events whose reason is written for the supplier. Other reasons repeat the title or are for staff.
TITLES_WITH_REASON = [
    gettext_lazy("Financing declined"),
    gettext_lazy("Financing cancelled"),
    gettext_lazy("Request withdrawn"),
    gettext_lazy("Offer withdrawn"),
    gettext_lazy("Offer declined"),
]
CASE_OPENED_TITLES = {
    Case.Kind.DISPUTE: gettext_lazy("Disputed"),
    Case.Kind.RECOURSE: gettext_lazy("Recourse date reached"),
    Case.Kind.CHANGED: gettext_lazy("Changed in your books after funding"),
    Case.Kind.MISDIRECTED: gettext_lazy("Payment to you found in your books"),
    Case.Kind.BANKRUPT: gettext_lazy("Buyer insolvent"),
}
CASE_CLOSED_TITLES = {
    Case.Outcome.UPHELD: gettext_lazy("Dispute upheld"),
    Case.Outcome.REJECTED: gettext_lazy("Dispute rejected"),
    Case.Outcome.ACCEPTED: gettext_lazy("Change accepted"),
    Case.Outcome.EXPLAINED: gettext_lazy("Explained"),
    Case.Outcome.RESTORED: gettext_lazy("As bought again"),
    Case.Outcome.FORWARDED: gettext_lazy("Payment forwarded"),
}
PAYMENT_RETURNED = gettext_lazy("Your buyer's payment was returned")
PAYMENT_TAKEN_BACK = gettext_lazy("Your buyer's payment was taken back: we had recorded it wrongly")
OPENED_AGAIN = gettext_lazy("Opened again")
# How an advance ended without the buyer's payment.
ADVANCE_TITLES = {
    Advance.Status.REPURCHASED: pgettext_lazy("invoice", "Repurchased"),
    Advance.Status.WRITTEN_OFF: gettext_lazy("Written off"),
}


def timeline_entries(invoice: Invoice, *, advance: Advance | None) -> Iterator[tuple[datetime, str, str]]:
    """(time, title, reason or "") of each event, unordered. `advance` is its advance, if any.

    At most five queries, and one for each time that the invoice was paid or completed and is no longer.
    """
    for verification in Verification.objects.filter(invoice=invoice).only("sent_at", "to"):
        if verification.sent_at is not None:
            yield verification.sent_at, _("Buyer asked to confirm"), verification.to
    subject = {"subject_type": invoice._meta.label_lower, "subject_id": str(invoice.pk)}
    events = list(AuditEvent.objects.filter(event="invoice.state", **subject).order_by("-at", "-pk"))
    if not events:
        return
    lines = OfferLine.objects.filter(invoice=invoice).select_related("offer")
    offer_statuses = {line.offer.decided_at: line.status for line in lines}
    for event in events:
        before, after = str(event.details.get("from", "")), str(event.details.get("to", ""))
        title = str(_title(before, after, offer_status=offer_statuses.get(event.at, "")))
        if title in (str(PAYMENT_RETURNED), str(OPENED_AGAIN)):
            yield _undone(invoice, title, at=event.at)
            continue
        if title == str(TITLES[State.COMPLETED]) and advance is not None:
            title = str(ADVANCE_TITLES.get(Advance.Status(advance.status), title))
        if title:
            has_reason = title in map(str, TITLES_WITH_REASON) and event.reason not in Offer.Status.values
            reason = event.reason if has_reason else ""
            yield event.at, title, reason
    for notice in Notice.objects.filter(invoice=invoice).order_by("pk"):
        yield from _notice_entries(notice)
    for case in Case.objects.filter(advance__invoice=invoice):
        has_words = case.kind != Case.Kind.RECOURSE
        yield case.opened_at, str(CASE_OPENED_TITLES[Case.Kind(case.kind)]), case.reason if has_words else ""
        if has_words and case.closed_at is not None and case.outcome in CASE_CLOSED_TITLES:
            yield case.closed_at, str(CASE_CLOSED_TITLES[Case.Outcome(case.outcome)]), case.conclusion


def _undone(invoice: Invoice, title: str, *, at: datetime) -> tuple[datetime, str, str]:
    """What undid a payment or a settlement at the moment `at`: a correction, with its reason, or a return."""
    of_invoice = Q(advance__invoice=invoice) | Q(collection__allocations__advance__invoice=invoice)
    correction = Correction.objects.filter(of_invoice, made_at=at).first()
    if correction is None:
        return at, title, ""
    return at, str(PAYMENT_TAKEN_BACK) if title == str(PAYMENT_RETURNED) else title, correction.reason


def _notice_entries(notice: Notice) -> Iterator[tuple[datetime, str, str]]:
    yield notice.sent_at, _("Notice of assignment sent to your buyer"), notice.to
    if notice.acknowledged_at is not None:
        yield notice.acknowledged_at, _("Notice acknowledged by your buyer"), notice.acknowledged_name
    if notice.status == Notice.Status.RELEASED and notice.ended_at is not None:
        yield notice.ended_at, _("Your buyer was released: it pays you"), notice.get_release_reason_display()


def _title(before: str, after: str, *, offer_status: str) -> str | Promise:
    if after == State.PROPOSAL_REJECTED and before == State.PROPOSED:
        return OFFER_TITLES.get(
            Offer.Status(offer_status) if offer_status else Offer.Status.DECLINED, OFFER_TITLES[Offer.Status.DECLINED]
        )
    if before in REVERT_TITLES and after not in STATES_AHEAD:
        return REVERT_TITLES[State(before)]
    if before == State.REQUESTED and after == State.REFUSED:
        return TITLES[State.REFUSED]
    if before == State.COMPLETED:
        return OPENED_AGAIN
    if before == State.PAID and after == State.PREPAID:
        return PAYMENT_RETURNED
    if after == State.REFUSED and before == State.PROPOSAL_ACCEPTED:
        return REVERT_TITLES[State.PROPOSAL_ACCEPTED]
    return TITLES.get(State(after), "") if after in State.values else ""
