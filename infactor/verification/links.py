"""The address by which a buyer answers without an account: signed, of one verification, and not to be guessed.

What is signed is the verification's public id and a random part of which the row keeps only the fingerprint; so
neither the signing key nor the database alone opens a page. How long it lives stands in the row, not in the link.
"""

import secrets
import uuid
from datetime import datetime
from urllib.parse import urljoin

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

from infactor.core.fields import fingerprint
from infactor.verification.models import Verification

SALT = "infactor.verification"
LONGEST_TOKEN = 200
_signer = TimestampSigner(salt=SALT, sep=".")  # a colon ends an address in some mail programs


class UnknownLink(Exception):
    """The link is none of ours, or was replaced: nothing may be told of any invoice."""


def make(*, verification: Verification) -> tuple[str, str]:
    """A new (address, fingerprint) for `verification`; the caller adds the latter to its `links`."""
    nonce = secrets.token_urlsafe(24)
    token = _signer.sign(f"{verification.public_id.hex}.{nonce}")
    # Ours and Intuit's registered address share their host: the one address that is always right.
    address = urljoin(settings.QUICKBOOKS_REDIRECT_URI, reverse("verification:page", args=[token]))
    return address, _fingerprint(verification, nonce)


def find(*, token: str) -> Verification:
    """The verification that `token` is a link to, whatever became of it. Raises UnknownLink for anything else."""
    if len(token) > LONGEST_TOKEN:
        raise UnknownLink
    try:
        public_id, _, nonce = _signer.unsign(token).partition(".")
        found = Verification.objects.select_related("supplier", "invoice").get(public_id=uuid.UUID(hex=public_id))
    except (BadSignature, ValueError, Verification.DoesNotExist) as error:
        raise UnknownLink from error
    if _fingerprint(found, nonce) not in found.links:
        raise UnknownLink
    return found


def open_link(*, token: str, at: datetime) -> Verification:
    """`find`, noting the first time that somebody looked at a link that still waits for an answer.

    Programs that check mails look at links, too: it says that the mail arrived, not that a person read it.
    """
    found = find(token=token)
    if found.opened_at is None and found.status == Verification.Status.SENT:
        waiting = Verification.objects.filter(pk=found.pk, status=Verification.Status.SENT, opened_at=None)
        if waiting.update(opened_at=at):
            found.opened_at = at
    return found


def _fingerprint(verification: Verification, nonce: str) -> str:
    return fingerprint(SALT, verification.public_id.hex, nonce)
