"""What a supplier's people are told when a buyer has answered or a request has expired. Each is sent once."""

from django.urls import reverse
from django.utils import timezone

from infactor.suppliers import notifications
from infactor.suppliers.models import NotificationKind
from infactor.verification.models import Verification


def answered(*, verification: Verification) -> None:
    """The buyer answered, by link or by phone."""
    _enqueue(verification, name="answered")


def expired(*, verification: Verification) -> None:
    """The buyer did not answer in time."""
    _enqueue(verification, name="expired")


def _enqueue(verification: Verification, *, name: str) -> None:
    event = notifications.from_templates(
        supplier_id=verification.supplier_id,
        kind=NotificationKind.BUYERS,
        key=f"verification.{name}:{verification.pk}",
        path=reverse("dashboard:invoice", args=[verification.invoice.public_id]),
        template=f"verification/email/{name}",
        context={"verification": verification},
    )
    notifications.notify(event, at=timezone.now())
