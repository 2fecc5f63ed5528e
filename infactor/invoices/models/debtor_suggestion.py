"""A suggestion that buyers are one company, which staff accept by grouping them or dismiss."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class DebtorSuggestion(models.Model):
    """Pending until its buyers are grouped or it is dismissed. It is deleted if the buyers no longer match.

    A dismissed one stays: its buyers are not suggested because of each other again.
    """

    buyers = models.ManyToManyField("invoices.Buyer", related_name="suggestions", editable=False)
    debtor = models.ForeignKey(
        "invoices.Debtor",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        help_text="The debtor that some of them belong to already.",
    )
    kinds = models.JSONField(default=list, help_text="Why they match: keys of `matching.REASONS`.")
    score = models.PositiveSmallIntegerField("score", default=0, help_text="Of 100.")
    found_at = models.DateTimeField("found")
    dismissed_at = models.DateTimeField("dismissed", null=True, blank=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-dismissed_at", "-score", "pk"]
        verbose_name = "dismissed suggestion"
        constraints = [
            models.CheckConstraint(
                condition=Q(dismissed_at__isnull=True, dismissed_by__isnull=True)
                | Q(dismissed_at__isnull=False, dismissed_by__isnull=False),
                name="suggestion_dismissed_by_somebody",
            )
        ]
        indexes = [models.Index(fields=["found_at"], condition=Q(dismissed_at=None), name="suggestion_pending")]

    def __str__(self) -> str:
        return f"Suggestion {self.pk}"
