"""One attempt to connect QuickBooks through Intuit's consent page, and its outcome."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.fields import EncryptedModel, EncryptedTextField
from infactor.core.models import TimestampedModel


class ConsentAttempt(EncryptedModel, TimestampedModel):
    """Stores the digest of a random OAuth `state`. The same user can use it once, within ten minutes, in the browser
    that began: its random cookie is stored as a digest, too.

    If the user reconnects a company but chooses another one at QuickBooks, the attempt holds that grant (encrypted)
    until the user confirms or rejects the other company, for ten minutes at most.
    """

    class Outcome(models.TextChoices):
        PENDING = "pending", _("Waiting for consent at QuickBooks")
        CONNECTED = "connected", _("Connected")
        DENIED = "denied", _("Not approved at QuickBooks")
        CLOSED = "closed", _("The QuickBooks window was closed")
        EXPIRED = "expired", _("Expired")
        REALM_TAKEN = "realm_taken", _("The company belongs to another account")
        UNREACHABLE = "unreachable", _("QuickBooks did not answer")
        REFUSED = "refused", _("QuickBooks refused")
        KEYS_REFUSED = "keys_refused", _("QuickBooks does not know the app's keys")
        WRONG_ENVIRONMENT = "wrong_env", _("The app's keys are of the other environment")
        OTHER_PENDING = "other_pending", _("Another company chosen: waiting for confirmation")
        OTHER_REJECTED = "other_rejected", _("Another company chosen: rejected")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state_digest = models.CharField(max_length=64, unique=True, editable=False)
    browser_digest = models.CharField(max_length=64, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.CASCADE, related_name="+")
    integration = models.ForeignKey("quickbooks_app.Integration", on_delete=models.CASCADE, related_name="+")
    environment = models.CharField(max_length=12)
    in_popup = models.BooleanField(default=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, default=Outcome.PENDING)
    connection = models.ForeignKey(
        "quickbooks_app.Connection", null=True, on_delete=models.SET_NULL, related_name="consents"
    )
    expected_connection = models.ForeignKey(
        "quickbooks_app.Connection",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The connection that the user wanted to reconnect.",
    )
    pending_grant = EncryptedTextField(
        blank=True, help_text="The grant of the other company until the user confirms it."
    )
    pending_until = models.DateTimeField(null=True, db_index=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                # Who never came back has used no state.
                condition=Q(outcome__in=["pending", "closed", "expired"]) | Q(used_at__isnull=False),
                name="consent_outcome_needs_used_state",
            ),
            models.CheckConstraint(
                condition=Q(pending_grant="") | Q(outcome="other_pending", pending_until__isnull=False),
                name="consent_grant_only_while_other_pending",
            ),
        ]

    def __str__(self) -> str:
        return f"Consent {self.public_id} ({self.get_outcome_display()})"
