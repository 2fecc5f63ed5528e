"""Files that a worker prepares because they take too long for a web process."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from infactor.core.models import TimestampedModel


class PreparedExport(TimestampedModel):
    """A list of invoices as CSV, asked for by one person and kept for a day."""

    class State(models.TextChoices):
        WAITING = "waiting", "Being prepared"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    query = models.CharField(max_length=1000, blank=True, help_text="The filters, as in the address of the list.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(null=True)
    content = models.BinaryField(null=True, help_text="The file in UTF-8, compressed with zstd.")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state="waiting"), name="one_waiting_export_per_person"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", finished_at__isnull=True, content__isnull=True)
                | Q(state="ready", finished_at__isnull=False, content__isnull=False, rows__isnull=False)
                | Q(state="failed", finished_at__isnull=False, content__isnull=True),
                name="prepared_export_has_what_its_state_says",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)
