"""What every table of the house can lean on: timestamps, and the audit trail."""

from typing import Any

from django.conf import settings
from django.db import models


class TimestampedModel(models.Model):
    """Adds when a row was made and last saved (UTC)."""

    created_at = models.DateTimeField(auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    class Meta:
        abstract = True


class AuditEvent(models.Model):
    """Who did what to which row, and when. Written by `audit.record`; the database refuses changes and deletes."""

    at = models.DateTimeField(db_index=True)
    event = models.CharField(max_length=80, help_text="noun.verb, for instance quickbooks.connected")
    # No constraint: the trail outlives the people and the rows that it names.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    supplier_id = models.BigIntegerField(null=True, db_index=True)
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=40)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["subject_type", "subject_id", "-at"], name="audit_subject")]

    def __str__(self) -> str:
        return f"{self.event} {self.subject_type} {self.subject_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("An audit event is written once and never changed.")
        super().save(*args, **kwargs)
