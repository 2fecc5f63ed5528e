"""Buyers that look like one company, as the house proposes them to staff; or as staff said that they are not."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class DebtorProposal(models.Model):
    """Waits for staff until its buyers are joined or it is dismissed; what looks alike no more is removed again.

    Dismissed it stays, and says that none of its buyers is proposed because of another one of them.
    """

    buyers = models.ManyToManyField("invoices.Buyer", related_name="proposals", editable=False)
    debtor = models.ForeignKey(
        "invoices.Debtor",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        help_text="Of some of them already.",
    )
    kinds = models.JSONField(default=list, help_text="Why they look alike: keys of `likeness.REASONS`.")
    score = models.PositiveSmallIntegerField("likeness", default=0, help_text="Of 100.")
    found_at = models.DateTimeField("found")
    dismissed_at = models.DateTimeField("dismissed", null=True, blank=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-dismissed_at", "-score", "pk"]
        verbose_name = "dismissed proposal"
        constraints = [
            models.CheckConstraint(
                condition=Q(dismissed_at__isnull=True, dismissed_by__isnull=True)
                | Q(dismissed_at__isnull=False, dismissed_by__isnull=False),
                name="proposal_dismissed_by_somebody",
            )
        ]
        indexes = [models.Index(fields=["found_at"], condition=Q(dismissed_at=None), name="proposal_waiting")]

    def __str__(self) -> str:
        return f"Proposal {self.pk}"
