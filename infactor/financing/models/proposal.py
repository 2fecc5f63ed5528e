"""An acceptance that one person proposes, and another one has to confirm."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from infactor.core.models import TimestampedModel
from infactor.core.transitions import Transitions
from infactor.financing.models.offer import Offer


class AcceptanceProposal(TimestampedModel):
    """Somebody proposes to accept an offer with exactly these figures. An owner other than them confirms it by `until`.

    `lines` are the ids of the selected lines of the offer. One proposal of an offer waits at a time.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting for a second person"
        CONFIRMED = "confirmed", "Confirmed"
        WITHDRAWN = "withdrawn", "Withdrawn"
        EXPIRED = "expired", "Expired"
        CHANGED = "changed", "Figures have changed"

    TRANSITIONS: ClassVar[Transitions] = Transitions(
        field="status",
        allowed={Status.WAITING: (Status.CONFIRMED, Status.WITHDRAWN, Status.EXPIRED, Status.CHANGED)},
    )

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="+")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="proposals")
    lines = models.JSONField(help_text="The ids of the selected lines of the offer.")
    disclosure = models.JSONField(help_text="The figures shown, amounts as text.")
    disclosure_digest = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    until = models.DateTimeField()
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["offer"], condition=Q(status="waiting"), name="one_waiting_proposal_an_offer"
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by")),
                name="proposal_confirmed_by_somebody_else",
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", decided_at__isnull=True)
                | ~Q(status="waiting") & Q(decided_at__isnull=False),
                name="proposal_decision_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"Proposal to accept offer {self.offer_id}"
