"""E-mails to a supplier's owners when a buyer has answered or a request has expired. Each is sent once."""

from urllib.parse import urljoin

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from infactor.core.email import outbox
from infactor.suppliers.models import Membership
from infactor.verification.models import Verification


def answered(*, verification: Verification) -> None:
    """The buyer answered, by link or by phone."""
    _enqueue(verification, name="answered")


def expired(*, verification: Verification) -> None:
    """The buyer did not answer in time."""
    _enqueue(verification, name="expired")


def _enqueue(verification: Verification, *, name: str) -> None:
    owners = Membership.objects.filter(
        supplier=verification.supplier_id, role=Membership.Role.OWNER, user__is_active=True
    ).select_related("user")
    context = {
        "verification": verification,
        "supplier": verification.supplier,
        "address": urljoin(
            settings.QUICKBOOKS_REDIRECT_URI, reverse("dashboard:invoice", args=[verification.invoice.public_id])
        ),
        "support_email": settings.SUPPORT_EMAIL,
    }
    for owner in owners:
        outbox.enqueue(
            key=f"verification.{name}:{verification.pk}:{owner.user_id}",
            to=owner.user.email,
            subject=render_to_string(f"verification/email/{name}_subject.txt", context),
            body=render_to_string(f"verification/email/{name}_message.txt", context),
            supplier_id=verification.supplier_id,
        )
