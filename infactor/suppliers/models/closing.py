"""A supplier leaves: its request to close the account, and the release by staff."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.models import TimestampedModel
from infactor.core.transitions import Transitions
from infactor.suppliers.models.supplier import Supplier


class AccountClosing(TimestampedModel):
    """An owner asked to close the account, at a moment when nothing was outstanding. Staff release the supplier.

    `letter` is what the release letter says, as it was on that day: names, dates and counts.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        WITHDRAWN = "withdrawn", _("Withdrawn by the supplier")
        DECLINED = "declined", _("Declined")
        RELEASED = "released", _("Released")

    TRANSITIONS: ClassVar[Transitions] = Transitions(
        field="status", allowed={Status.REQUESTED: (Status.WITHDRAWN, Status.DECLINED, Status.RELEASED)}
    )

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="closings")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.REQUESTED)
    reason = models.CharField(max_length=500, blank=True, help_text="Why the supplier leaves, in its words.")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=500, blank=True, help_text="Why staff decided so.")
    letter = models.JSONField(default=dict)

    class Meta:
        ordering = ["-requested_at", "-pk"]
        permissions = [("release_supplier", "Can release suppliers who close their account")]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier"], condition=Q(status__in=["requested", "released"]), name="one_closing_a_supplier"
            ),
            models.CheckConstraint(
                condition=Q(status="requested", decided_by__isnull=True, decided_at__isnull=True)
                | Q(status="withdrawn", decided_by__isnull=True, decided_at__isnull=False)
                | (Q(status__in=["declined", "released"], decided_by__isnull=False, decided_at__isnull=False))
                & ~Q(decision=""),
                name="closing_status_fits_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(status="released") & ~Q(letter={}) | ~Q(status="released") & Q(letter={}),
                name="closing_letter_once_released",
            ),
        ]

    def __str__(self) -> str:
        return f"Closing of {self.supplier}"
