"""Signed links by which buyers answer without an account.

A link belongs to one verification and to the address it was sent to. It opens what the same supplier asked at the same
address: whoever reads that mailbox has the links to all of it. Every verification of a mail has the digest of its link,
so that one that ends takes the link from none of the others.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from infactor.core.signed_links import LinkSigner, UnknownLink
from infactor.verification.models import ANSWERED, Forward, Verification

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


def find_link(*, token: str, at: datetime | None = None) -> OpenedLink:
    """The link `token`, whatever the status of its verification. Raises UnknownLink if it is not valid.

    With `at`, a link whose verification was withdrawn or has ended by then is that of another one of the same mail.
    """
    public_id, mark = _signer.read(token=token)
    found = Verification.objects.select_related("supplier", "invoice").filter(public_id=public_id).first()
    if found is None:
        raise UnknownLink
    if mark in found.links:
        other = _of_same_mail(found, Q(to__iexact=found.to, links__contains=[mark]), at=at)
        return OpenedLink(other or found, found.to)
    forwards = Forward.objects.filter(digest=mark, status=Forward.Status.SENT)
    forward = forwards.filter(verification=found).first()
    if forward is None:
        raise UnknownLink
    others = forwards.filter(to__iexact=forward.to).values("verification")
    return OpenedLink(_of_same_mail(found, Q(pk__in=others), at=at) or found, forward.to)


def _of_same_mail(found: Verification, is_in_mail: Q, *, at: datetime | None) -> Verification | None:
    """Another verification of the mail by which its link still opens, if that of `found` no longer does.

    First what waits for an answer; else what was answered, so that who has just answered the last one reads it.
    """
    is_withdrawn = found.status == Verification.Status.WITHDRAWN
    if at is None or (not is_withdrawn and found.expires_at is not None and found.expires_at > at):
        return None
    rows = Verification.objects.filter(is_in_mail, supplier=found.supplier_id, expires_at__gt=at)
    rows = rows.select_related("supplier", "invoice").order_by("-expires_at", "pk")
    waiting = rows.filter(status=Verification.Status.SENT).first()
    return waiting or rows.filter(status__in=ANSWERED).first()


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
