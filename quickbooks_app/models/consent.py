"""One journey to QuickBooks' consent page and back: who set out, and how it ended."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from infactor.core.fields import EncryptedTextField
from infactor.core.models import TimestampedModel


class ConsentAttempt(TimestampedModel):
    """Holds the fingerprint of a random `state` that can be taken out once, by the same user, for ten minutes.

    Where another company was chosen than the one that was to be reconnected, it holds what came of it (encrypted)
    until the person has said what they meant, for ten minutes at most.
    """

    class Outcome(models.TextChoices):
        PENDING = "pending", "Waiting at QuickBooks"
        CONNECTED = "connected", "Connected"
        DENIED = "denied", "Not approved at QuickBooks"
        EXPIRED = "expired", "Took too long"
        REALM_TAKEN = "realm_taken", "The company belongs to another account"
        UNREACHABLE = "unreachable", "QuickBooks did not answer"
        REFUSED = "refused", "QuickBooks refused"
        ASKED = "asked", "Another company than before: asked"
        DECLINED = "declined", "Another company than before: declined"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state_fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.CASCADE, related_name="+")
    environment = models.CharField(max_length=12)
    in_popup = models.BooleanField(default=True)
    expires_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.PENDING)
    connection = models.ForeignKey(
        "quickbooks_app.Connection", null=True, on_delete=models.SET_NULL, related_name="consents"
    )
    begun_for = models.ForeignKey(
        "quickbooks_app.Connection",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The connection that was to be made again.",
    )
    held = EncryptedTextField(blank=True, help_text="Grant and company of a choice that is asked about.")
    held_until = models.DateTimeField(null=True, db_index=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="pending") | Q(taken_at__isnull=False), name="consent_ends_once_taken"
            ),
            models.CheckConstraint(
                condition=Q(held="") | Q(outcome="asked", held_until__isnull=False),
                name="consent_holds_only_while_asked",
            ),
        ]

    def __str__(self) -> str:
        return f"Consent {self.public_id} ({self.get_outcome_display()})"
