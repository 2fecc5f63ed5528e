"""Signed links by which buyers answer without an account. Each belongs to one verification."""

from datetime import datetime
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from infactor.core.signed_links import LinkSigner, UnknownLink
from infactor.verification.models import Verification

_signer = LinkSigner(salt="infactor.verification")


def sign_link(*, verification: Verification) -> tuple[str, str]:
    """A new signed link for `verification`, as (URL, digest). The caller adds the digest to `links`."""
    token, mark = _signer.sign(public_id=verification.public_id)
    # The redirect URI registered with Intuit has infactor's public host, which is always configured correctly.
    return urljoin(settings.QUICKBOOKS_REDIRECT_URI, reverse("buyer:page", args=[token])), mark


def find_verification(*, token: str) -> Verification:
    """The verification of the link `token`, whatever its status. Raises UnknownLink if the link is not valid."""
    public_id, mark = _signer.read(token=token)
    found = Verification.objects.select_related("supplier", "invoice").filter(public_id=public_id).first()
    if found is None or mark not in found.links:
        raise UnknownLink
    return found


def open_link(*, token: str, at: datetime) -> Verification:
    """The verification of the link `token`; also records when a link that waits for an answer was first opened.

    E-mail scanners open links, too: `opened_at` says that the e-mail arrived, not that a person read it.
    """
    found = find_verification(token=token)
    if found.opened_at is None and found.status == Verification.Status.SENT:
        waiting = Verification.objects.filter(pk=found.pk, status=Verification.Status.SENT, opened_at=None)
        if waiting.update(opened_at=at):
            found.opened_at = at
    return found
