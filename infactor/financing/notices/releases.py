"""Releases: the end of a notice. A released buyer is told to pay the supplier again."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core.transitions import move
from infactor.financing.models import NOTICE_TRANSITIONS, VALID_STATUSES, Advance, Notice
from infactor.financing.notices import emails, links
from infactor.financing.notices.issuance import HANDLE_NOTICES, NoticeError
from infactor.users import roles
from infactor.users.models import User


def release(*, advance: Advance, reason: str, by: User | None, at: datetime) -> Notice | None:
    """Release the buyer from the notice of `advance` and mail it so. None if no notice is left to release."""
    with transaction.atomic():
        unreleased = Notice.objects.select_for_update(of=("self",)).filter(advance=advance)
        notice = unreleased.exclude(status=Notice.Status.RELEASED).first()
        if notice is None:
            return None
        url, mark = links.sign_link(notice=notice)
        released = move(
            notice,
            to=Notice.Status.RELEASED,
            transitions=NOTICE_TRANSITIONS,
            by=by,
            at=at,
            supplier_id=notice.supplier_id,
            reason=reason,
            changes={"release_reason": reason, "ended_at": at, "links": [*notice.links, mark]},
        )
        emails.released(notice=released, url=url)
        return released


def fulfil(*, advance: Advance, by: User, at: datetime) -> Notice | None:
    """End the notice of a settled advance: it was paid as it says. No mail: the buyer owes nothing any more."""
    notice = Notice.objects.filter(advance=advance, status__in=VALID_STATUSES).first()
    if notice is None:
        return None
    return move(
        notice,
        to=Notice.Status.FULFILLED,
        transitions=NOTICE_TRANSITIONS,
        by=by,
        at=at,
        supplier_id=notice.supplier_id,
        changes={"ended_at": at},
    )


def reinstate(*, advance: Advance, by: User, at: datetime) -> Notice | None:
    """Make the notice of an advance valid again that is outstanding again. None if it has ended for its buyer.

    No mail: the buyer was told to pay infactor, and nothing else since. A buyer that was released needs a new notice.
    """
    notice = Notice.objects.filter(advance=advance).exclude(status=Notice.Status.RELEASED).first()
    if notice is None or notice.is_valid:
        return notice
    return move(
        notice,
        to=Notice.Status.ACKNOWLEDGED if notice.acknowledged_at else Notice.Status.SENT,
        transitions=NOTICE_TRANSITIONS,
        by=by,
        at=at,
        supplier_id=notice.supplier_id,
        changes={"ended_at": None},
    )


def give_up(*, notice: Notice, by: User, at: datetime) -> Notice:
    """Staff release the buyer of an invoice that was written off and is no longer claimed.

    Raises NotAllowed, and NoticeError for any other advance: while infactor owns the invoice, the notice stays.
    """
    roles.require(by, HANDLE_NOTICES)
    with transaction.atomic():
        advance = Advance.objects.get(pk=notice.advance_id)
        if advance.status != Advance.Status.WRITTEN_OFF:
            raise NoticeError(_("Only the buyer of an invoice that was written off can be released by hand."))
        released = release(advance=advance, reason=Notice.ReleaseReason.GIVEN_UP, by=by, at=at)
        if released is None:
            raise NoticeError(_("This notice is no longer valid."))
        return released
