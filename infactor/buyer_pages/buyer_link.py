"""What a buyer's link opens: the question about an invoice, its notice of assignment, or both."""

from dataclasses import dataclass
from datetime import datetime

from infactor.core.signed_links import UnknownLink
from infactor.financing.models import Notice
from infactor.financing.notices import links as notice_links
from infactor.verification import links as verification_links
from infactor.verification.models import ANSWERED, Verification


@dataclass(frozen=True)
class BuyerLink:
    """The question and the latest notice of one invoice.

    `shows_notice`: the link went to the same address as the notice, so its reader sees the account and may acknowledge.
    Without it, only that there is a notice.
    """

    verification: Verification | None
    notice: Notice | None
    shows_notice: bool
    is_question: bool  # the link is one to answer by


def find_link(*, token: str, at: datetime, is_reading: bool) -> BuyerLink:
    """What the link `token` opens. With `is_reading`, also records when it was first opened. Raises UnknownLink."""
    try:
        verification = verification_links.find_verification(token=token)
    except UnknownLink:
        return _notice_link(token, at=at, is_reading=is_reading)
    if is_reading:
        verification = verification_links.open_link(token=token, at=at)
    notice = _latest_notice(verification.invoice_id)
    shows_notice = notice is not None and _is_same(notice.to, verification.to)
    return BuyerLink(verification, notice, shows_notice=shows_notice, is_question=True)


def _notice_link(token: str, *, at: datetime, is_reading: bool) -> BuyerLink:
    notice = notice_links.find_notice(token=token)
    latest = _latest_notice(notice.invoice_id)
    if latest is not None and _is_same(latest.to, notice.to):
        notice = latest  # an older notice of this invoice was released: what counts is the one that came after
    if is_reading:
        notice_links.record_opening(notice=notice, at=at)
    answered = Verification.objects.filter(invoice=notice.invoice_id, status__in=ANSWERED, to__iexact=notice.to)
    return BuyerLink(
        answered.select_related("supplier", "invoice").order_by("-answered_at", "-pk").first(),
        notice,
        shows_notice=True,
        is_question=False,
    )


def _latest_notice(invoice_id: int) -> Notice | None:
    return Notice.objects.filter(invoice=invoice_id).select_related("supplier", "invoice").order_by("-pk").first()


def _is_same(address: str, other: str) -> bool:
    return address.casefold() == other.casefold()
