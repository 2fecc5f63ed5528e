"""A case: a dispute or an unpaid recourse date that staff decide about a funded advance."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from infactor.core.models import TimestampedModel
from infactor.financing.models.advance import Advance


class Case(TimestampedModel):
    """A matter of a funded advance for staff to decide. The reserve is not released while a dispute is open."""

    class Kind(models.TextChoices):
        DISPUTE = "dispute", "Dispute"
        RECOURSE = "recourse", "Recourse date reached"

    class Outcome(models.TextChoices):
        UPHELD = "upheld", "Upheld"
        REJECTED = "rejected", "Rejected"
        ENDED = "ended", "Closed with the advance"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="cases")
    advance = models.ForeignKey(Advance, on_delete=models.PROTECT, related_name="cases")
    reason = models.CharField(max_length=500)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: the system."
    )
    opened_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    conclusion = models.CharField(max_length=500, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-opened_at", "-pk"]
        permissions = [("resolve_disputes", "Can open and close cases")]
        constraints = [
            models.UniqueConstraint(
                fields=["advance", "kind"], condition=Q(closed_at__isnull=True), name="one_open_case_per_kind"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="case_closing_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of advance {self.advance_id}"
