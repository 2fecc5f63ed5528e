"""Signed links by which buyers answer without an account.

A link belongs to one verification and to the address it was sent to. It opens what the same supplier asked at the same
address: whoever reads that mailbox has the links to all of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from infactor.core.signed_links import LinkSigner, UnknownLink
from infactor.verification.models import Forward, Verification

# How long an answered request stays on the page of the others.
SHOWN_AFTER_ANSWER = timedelta(days=60)
_signer = LinkSigner(salt="infactor.verification")


@dataclass(frozen=True)
class OpenedLink:
    """The verification of a link, and the address that the link was sent to."""

    verification: Verification
    address: str


def sign_link(*, verification: Verification) -> tuple[str, str]:
    """A new signed link for `verification`, as (URL, digest). The caller adds the digest to `links`."""
    token, mark = _signer.sign(public_id=verification.public_id)
    # The redirect URI registered with Intuit has infactor's public host, which is always configured correctly.
    return urljoin(settings.QUICKBOOKS_REDIRECT_URI, reverse("buyer:page", args=[token])), mark


def find_link(*, token: str) -> OpenedLink:
    """The link `token`, whatever the status of its verification. Raises UnknownLink if it is not valid."""
    public_id, mark = _signer.read(token=token)
    found = Verification.objects.select_related("supplier", "invoice").filter(public_id=public_id).first()
    if found is None:
        raise UnknownLink
    if mark in found.links:
        return OpenedLink(found, found.to)
    forward = Forward.objects.filter(verification=found, digest=mark, status=Forward.Status.SENT).first()
    if forward is None:
        raise UnknownLink
    return OpenedLink(found, forward.to)


def of_reader(*, opened: OpenedLink) -> QuerySet[Verification]:
    """Every request that the link's supplier sent to the link's address, or that was forwarded to it."""
    forwarded = Forward.objects.filter(to__iexact=opened.address, status=Forward.Status.SENT).values("verification")
    rows = Verification.objects.filter(supplier=opened.verification.supplier_id, sent_at__isnull=False)
    return rows.filter(Q(to__iexact=opened.address) | Q(pk__in=forwarded)).select_related("supplier", "invoice")


def record_opening(*, opened: OpenedLink, at: datetime) -> None:
    """Record when a link that waits for an answer was first opened.

    Email scanners open links, too: `opened_at` says that the email arrived, not that a person read it.
    """
    found = opened.verification
    if found.opened_at is None and found.status == Verification.Status.SENT:
        waiting = Verification.objects.filter(pk=found.pk, status=Verification.Status.SENT, opened_at=None)
        if waiting.update(opened_at=at):
            found.opened_at = at
