"""What a buyer's link opens: questions about invoices of one supplier, a notice of assignment, or both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from infactor.core.signed_links import UnknownLink
from infactor.financing.models import Notice
from infactor.financing.notices import links as notice_links
from infactor.verification import links as verification_links
from infactor.verification import preconditions
from infactor.verification.links import SHOWN_AFTER_ANSWER, OpenedLink
from infactor.verification.models import ANSWERED, Verification


@dataclass(frozen=True)
class BuyerLink:
    """The questions and the latest notice that one link opens.

    `shows_notice`: the link went to the same address as the notice, so its reader sees the account and may acknowledge.
    Without it, only that there is a notice. `waiting` are the requests that can be answered, `answered` the others.
    """

    verification: Verification | None
    notice: Notice | None
    shows_notice: bool
    opened: OpenedLink | None = None  # a link to answer by
    waiting: Sequence[Verification] = ()
    answered: Sequence[Verification] = ()
    has_ended: bool = False

    @property
    def with_upload(self) -> list[Verification]:
        """The answered requests about which the reader may send documents: with an ended link, its own alone."""
        own = self.verification.pk if self.verification is not None else None
        return [one for one in self.answered if not self.has_ended or one.pk == own]

    @property
    def is_question(self) -> bool:
        return self.opened is not None


def find_link(*, token: str, at: datetime, is_reading: bool) -> BuyerLink:
    """What the link `token` opens. With `is_reading`, also records when it was first opened. Raises UnknownLink."""
    try:
        opened = verification_links.find_link(token=token, at=at)
    except UnknownLink:
        return _notice_link(token, at=at, is_reading=is_reading)
    if is_reading:
        verification_links.record_opening(opened=opened, at=at)
    verification = opened.verification
    notice = _latest_notice(verification.invoice_id)
    rows = _readable(opened, at=at)
    answered = [one for one in rows if one.is_answered]
    return BuyerLink(
        verification,
        notice,
        shows_notice=notice is not None and _is_same(notice.to, opened.address),
        opened=opened,
        waiting=sorted((one for one in rows if is_waiting(one, at=at)), key=_by_due_date),
        answered=sorted(answered, key=lambda one: (one.answered_at, one.pk), reverse=True),
        has_ended=not _lives(verification, at=at),
    )


def is_waiting(verification: Verification, *, at: datetime) -> bool:
    """Whether the request can be answered now."""
    is_open = verification.status == Verification.Status.SENT and _lives(verification, at=at)
    return is_open and not preconditions.is_stale(verification=verification, invoice=verification.invoice)


def _readable(opened: OpenedLink, *, at: datetime) -> list[Verification]:
    """What the link shows. One whose question was withdrawn opens no other.

    Where the same mail asked about another one that lives, `opened` is that one's.
    One that has ended opens no question, and of the others what was answered while it lived, for as long as that stays.
    """
    verification = opened.verification
    if verification.status == Verification.Status.WITHDRAWN:
        return [verification]
    since = at - SHOWN_AFTER_ANSWER
    rows = verification_links.of_reader(opened=opened)
    if not _lives(verification, at=at):
        given = rows.filter(status__in=ANSWERED, answered_at__gte=since, answered_at__lte=verification.expires_at)
        return [verification, *given.exclude(pk=verification.pk)]
    rows = rows.filter(status__in=[Verification.Status.SENT, *ANSWERED])
    return [one for one in rows if one.pk == verification.pk or one.answered_at is None or one.answered_at >= since]


def _lives(verification: Verification, *, at: datetime) -> bool:
    return verification.expires_at is not None and verification.expires_at > at


def _by_due_date(verification: Verification) -> tuple[bool, str, int]:
    due = verification.facts["due"]
    return (due is None, due or "", verification.pk)


def _notice_link(token: str, *, at: datetime, is_reading: bool) -> BuyerLink:
    notice = notice_links.find_notice(token=token)
    latest = _latest_notice(notice.invoice_id)
    if latest is not None and _is_same(latest.to, notice.to):
        notice = latest  # an older notice of this invoice was released: what counts is the one that came after
    if is_reading:
        notice_links.record_opening(notice=notice, at=at)
    rows = Verification.objects.filter(invoice=notice.invoice_id, status__in=ANSWERED, to__iexact=notice.to)
    answered = list(rows.select_related("supplier", "invoice").order_by("-answered_at", "-pk")[:1])
    return BuyerLink(answered[0] if answered else None, notice, shows_notice=True, answered=answered)


def _latest_notice(invoice_id: int) -> Notice | None:
    return Notice.objects.filter(invoice=invoice_id).select_related("supplier", "invoice").order_by("-pk").first()


def _is_same(address: str, other: str) -> bool:
    return address.casefold() == other.casefold()
