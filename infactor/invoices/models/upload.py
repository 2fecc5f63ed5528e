"""A table of invoices that a supplier uploaded: its rows and what is wrong with each, until it is imported."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.models import TimestampedModel


class InvoiceUpload(TimestampedModel):
    """One uploaded table. Nothing of it is an invoice before it is imported, which happens once.

    `rows` and `decisions` are JSON lines, compressed: a row has its number and cells by field, and what becomes of it.
    """

    class State(models.TextChoices):
        CHECKED = "checked", _("Checked")
        IMPORTED = "imported", _("Imported")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHECKED)
    rows = models.BinaryField()
    decisions = models.BinaryField(default=bytes)
    # What the file does not say itself: decimal, days, currency.
    choices = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    imported_at = models.DateTimeField(null=True)
    imported = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["at"], name="upload_by_age")]
        constraints = [
            models.CheckConstraint(
                name="upload_imported_when",
                condition=Q(state="checked", imported_at=None) | Q(state="imported", imported_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name
