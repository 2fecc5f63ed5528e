"""What a supplier's people are told when a buyer has answered or a request has expired. Each is sent once."""

from urllib.parse import urljoin

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from infactor.suppliers import notifications
from infactor.suppliers.models import Membership, NotificationKind
from infactor.suppliers.notifications import Event
from infactor.verification.models import Verification


def answered(*, verification: Verification) -> None:
    """The buyer answered, by link or by phone."""
    _enqueue(verification, name="answered")


def expired(*, verification: Verification) -> None:
    """The buyer did not answer in time."""
    _enqueue(verification, name="expired")


def _enqueue(verification: Verification, *, name: str) -> None:
    path = reverse("dashboard:invoice", args=[verification.invoice.public_id])
    context = {
        "verification": verification,
        "supplier": verification.supplier,
        "address": urljoin(settings.QUICKBOOKS_REDIRECT_URI, path),
        "support_email": settings.SUPPORT_EMAIL,
    }

    def text(member: Membership) -> tuple[str, str]:
        with timezone.override(verification.supplier.zone):  # as on the supplier's pages
            subject = render_to_string(f"verification/email/{name}_subject.txt", context)
            body = render_to_string(f"verification/email/{name}_message.txt", context)
        return subject, body

    event = Event(
        supplier_id=verification.supplier_id,
        kind=NotificationKind.BUYERS,
        key=f"verification.{name}:{verification.pk}",
        path=path,
        text=text,
    )
    notifications.notify(event, at=timezone.now())
