"""Signed links by which buyers answer without an account. Each belongs to one verification and cannot be guessed.

The signature covers the verification's public id and a nonce, of which the row stores only a digest. Neither the
signing key nor the database alone gives access to a page. The row, not the link, says when it expires.
"""

import secrets
import uuid
from datetime import datetime
from urllib.parse import urljoin

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

from infactor.core.keys import digest_of_random
from infactor.verification.models import Verification

SALT = "infactor.verification"
MAX_TOKEN_LENGTH = 200


class UnknownLink(Exception):
    """The link is not valid. The response must reveal nothing about any invoice."""


def sign_link(*, verification: Verification) -> tuple[str, str]:
    """A new signed link for `verification`, as (URL, digest). The caller adds the digest to `links`."""
    nonce = secrets.token_urlsafe(24)
    token = _signer().sign(f"{verification.public_id.hex}.{nonce}")
    # The redirect URI registered with Intuit has infactor's public host, which is always configured correctly.
    url = urljoin(settings.QUICKBOOKS_REDIRECT_URI, reverse("verification:page", args=[token]))
    return url, _digest(verification, nonce)


def find_verification(*, token: str) -> Verification:
    """The verification of the link `token`, whatever its status. Raises UnknownLink if the link is not valid."""
    if len(token) > MAX_TOKEN_LENGTH:
        raise UnknownLink
    try:
        public_id, _, nonce = _signer().unsign(token).partition(".")
        found = Verification.objects.select_related("supplier", "invoice").get(public_id=uuid.UUID(hex=public_id))
    except (BadSignature, ValueError, Verification.DoesNotExist) as error:
        raise UnknownLink from error
    if _digest(found, nonce) not in found.links:
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


def _signer() -> TimestampSigner:
    """Signs with SECRET_KEY, and accepts what SECRET_KEY_FALLBACKS signed."""
    return TimestampSigner(salt=SALT, sep=".")  # some e-mail programs end a URL at a colon


def _digest(verification: Verification, nonce: str) -> str:
    return digest_of_random(SALT, verification.public_id.hex, nonce)
