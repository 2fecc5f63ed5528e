"""Acknowledgements of notices, by the link or told to staff: evidence of when, from where, and of what was shown."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core.transitions import TransitionNotAllowed, move
from infactor.financing.models import NOTICE_TRANSITIONS, Notice
from infactor.financing.notices import emails
from infactor.financing.notices.issuance import HANDLE_NOTICES, NoticeError
from infactor.users import roles
from infactor.users.models import User

MAX_NAME_LENGTH = 150


def acknowledge(*, notice: Notice, name: str, ip: str | None, user_agent: str, at: datetime) -> Notice:
    """Record that the buyer acknowledges the notice on its page. Once: a repeated one changes nothing.

    Raises NoticeError if it has ended, or `name` is no name.
    """
    changes = {
        "channel": Notice.Channel.LINK,
        "acknowledged_from": ip,
        "user_agent": user_agent[:300],
    }
    return _record(notice, name=name, changes=changes, by=None, at=at)


def record_acknowledgement(*, notice: Notice, channel: str, name: str, by: User, at: datetime) -> Notice:
    """Record an acknowledgement that the buyer gave staff by phone or letter. Raises NotAllowed, NoticeError."""
    roles.require(by, HANDLE_NOTICES)
    if channel not in (Notice.Channel.PHONE, Notice.Channel.LETTER):
        raise NoticeError(_("Choose how the buyer acknowledged it."))
    return _record(notice, name=name, changes={"channel": channel, "recorded_by": by}, by=by, at=at)


def _record(notice: Notice, *, name: str, changes: dict[str, Any], by: User | None, at: datetime) -> Notice:
    shown_name = " ".join(name.replace("\x00", "").split())[:MAX_NAME_LENGTH]
    if not any(character.isalpha() for character in shown_name):
        raise NoticeError(_("Enter the name of the person who acknowledges it."))
    try:
        with transaction.atomic():
            acknowledged = move(
                notice,
                to=Notice.Status.ACKNOWLEDGED,
                transitions=NOTICE_TRANSITIONS,
                by=by,
                at=at,
                supplier_id=notice.supplier_id,
                changes={**changes, "acknowledged_at": at, "acknowledged_name": shown_name},
            )
            emails.acknowledged(notice=acknowledged)
            return acknowledged
    except TransitionNotAllowed as refusal:
        current = Notice.objects.select_related("supplier", "invoice").get(pk=notice.pk)
        if current.status != Notice.Status.ACKNOWLEDGED:
            raise NoticeError(_("This notice is no longer valid.")) from refusal
        return current
