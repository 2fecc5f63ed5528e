"""Signed links to the page that shows a notice and whether it is valid."""

from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from infactor.core.signed_links import LinkSigner, UnknownLink
from infactor.financing.models import Notice

# A valid notice can always be looked up; one that has ended for as long as somebody may ask whom to pay.
LIFETIME_AFTER_END = timedelta(days=180)
_signer = LinkSigner(salt="infactor.financing.notice")


def sign_link(*, notice: Notice) -> tuple[str, str]:
    """A new signed link for `notice`, as (URL, digest). The caller adds the digest to `links`."""
    token, mark = _signer.sign(public_id=notice.public_id)
    return urljoin(settings.QUICKBOOKS_REDIRECT_URI, reverse("buyer:page", args=[token])), mark


def find_notice(*, token: str) -> Notice:
    """The notice of the link `token`, whatever its status. Raises UnknownLink if the link is not valid."""
    public_id, mark = _signer.read(token=token)
    found = Notice.objects.select_related("supplier", "invoice").filter(public_id=public_id).first()
    if found is None or mark not in found.links:
        raise UnknownLink
    return found


def has_expired(*, notice: Notice, at: datetime) -> bool:
    """Whether the links of `notice` show nothing any more."""
    return notice.ended_at is not None and notice.ended_at + LIFETIME_AFTER_END <= at


def record_opening(*, notice: Notice, at: datetime) -> None:
    """Record when a link of `notice` was first opened. Email scanners open links, too."""
    if notice.opened_at is None and notice.is_valid:
        Notice.objects.filter(pk=notice.pk, opened_at=None, ended_at=None).update(opened_at=at)
