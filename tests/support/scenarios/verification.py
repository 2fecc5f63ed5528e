"""Verification requests that a member of the supplier has drafted, approved and sent."""

import re
from datetime import UTC, datetime, timedelta

from infactor.core.models import OutgoingMail
from infactor.invoices.models import Invoice
from infactor.suppliers.models import Membership
from infactor.users.models import User
from infactor.verification import requests
from infactor.verification.models import Verification
from tests.support.factories.suppliers import MembershipFactory, approve_directly

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LINK = re.compile(r"(?:https?://[^/\s]+)?/buyer/([^/\s]+)/")


def member_of(invoice: Invoice) -> User:
    """A user who acts for the invoice's supplier."""
    found = Membership.objects.filter(supplier=invoice.supplier).select_related("user").first()
    return found.user if found else MembershipFactory(supplier=invoice.supplier).user


def draft(invoice: Invoice, *, at: datetime = NOON) -> Verification:
    approve_directly(invoice.supplier)
    return requests.draft(invoice=invoice, by=member_of(invoice), at=at)


def ask(
    invoice: Invoice, *, at: datetime = NOON, life: timedelta = requests.LINK_LIFETIME, to: str = ""
) -> Verification:
    """Send a verification request for `invoice` with the standard text."""
    drafted = draft(invoice, at=at)
    return requests.approve_and_send(
        verification=drafted,
        by=member_of(invoice),
        subject=drafted.subject,
        body=drafted.body,
        to=to or drafted.to,
        lifetime=life,
        at=at,
    )


def said(verification: Verification | None = None, **changes: object) -> dict[str, object]:
    """The fields of the form: those of the person, and those of the invoice with its prefix."""
    asked = verification or Verification.objects.order_by("pk").first()
    assert asked is not None
    person = ("name", "role", "phone")
    return {key if key in person else f"{asked.public_id.hex}-{key}": value for key, value in changes.items()}


def token_of(verification: Verification, *, mail: int = 0) -> str:
    """The token of the link in the `mail`th email to the buyer."""
    sent = OutgoingMail.objects.filter(to=verification.to, key__regex=f"^verification\\.[a-z]+:{verification.pk}:")
    found = LINK.search(sent.order_by("pk")[mail].body)
    assert found, "the mail holds no link"
    return found[1]
