"""Invitations of people to act for a supplier."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from infactor.core.models import TimestampedModel
from infactor.core.transitions import Transitions
from infactor.suppliers.models.supplier import Membership, Supplier


class Invitation(TimestampedModel):
    """An owner asks the person who reads `email` to act for `supplier` in `role`.

    The link in the email works once, until `expires_at`, and only for an account with that address. `digest` is the
    link's; sending it again makes a new one, and the former link ends.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        CANCELLED = "cancelled", _("Cancelled")

    TRANSITIONS: ClassVar[Transitions] = Transitions(
        field="status", allowed={Status.WAITING: (Status.ACCEPTED, Status.CANCELLED)}
    )

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Membership.Role.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    times_sent = models.PositiveSmallIntegerField(default=1)
    digest = models.CharField(max_length=64)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                "supplier",
                Lower("email"),
                condition=Q(status="waiting"),
                name="one_invitation_waiting_an_address",
            ),
            models.CheckConstraint(
                condition=Q(role__in=["owner", "finance", "reader"]) & ~Q(email=""), name="invitation_complete"
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", ended_at__isnull=True, accepted_by__isnull=True)
                | Q(status="accepted", ended_at__isnull=False, accepted_by__isnull=False)
                | Q(status="cancelled", ended_at__isnull=False, accepted_by__isnull=True),
                name="invitation_status_fits_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation {self.pk}"

    def is_expired(self, *, at: datetime) -> bool:
        """Whether its link has ended without an answer."""
        return self.status == self.Status.WAITING and at >= self.expires_at
