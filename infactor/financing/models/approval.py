"""Approvals: what one member of staff requests and a second person approves."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField


class Approval(TimestampedModel):
    """An action under dual control. Approving it executes it with `arguments`."""

    class Kind(models.TextChoices):
        FUND = "fund", "Pay out an advance"
        SETTLE = "settle", "Settle and release the reserve"
        REMIT = "remit", "Remit surplus"
        RESEND = "resend", "Resend a payout"
        WRITE_OFF = "write_off", "Write off"
        SHORT = "short", "Accept a short payment"
        REPURCHASE = "repurchase", "Demand a repurchase"
        CORRECTION = "correction", "Correct the books"
        REFUND = "refund", "Refund a payer"
        COST = "cost", "Pay a collection cost"
        OFFER = "offer", "Make an offer with terms of its own"
        OVERRIDE = "override", "Override a rule"
        LIMIT = "limit", "Set a limit"
        TERMS = "terms", "Set new terms"
        CHECK = "check", "Change what approval needs"
        REOPEN = "reopen", "Reopen a closed month"

    class Decision(models.TextChoices):
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    subject = models.CharField(max_length=60, help_text="Key of the object, for instance advance:17.")
    supplier = models.ForeignKey("suppliers.Supplier", null=True, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    amount = MoneyField()
    arguments = models.JSONField(default=dict)
    summary = models.CharField(max_length=300, help_text="The action in words, with its figures.")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-requested_at", "-pk"]
        permissions = [("approve_money_out", "Can approve as the second person")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(decided_at__isnull=True), name="one_open_approval_per_subject"
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, decision="")
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(decision="")),
                name="approval_decision_is_complete",
            ),
            # Whoever requested it may withdraw it, never approve it.
            models.CheckConstraint(
                condition=~Q(decision="approved") | ~Q(decided_by=F("requested_by")), name="approval_by_two_people"
            ),
        ]

    def __str__(self) -> str:
        return self.summary
