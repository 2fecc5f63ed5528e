"""The log of API calls to QuickBooks, for staff and for Intuit's support."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q


class ApiCall(models.Model):
    """One request and its result. It holds no token, no query text and no data of the company.

    `object_ids` are QuickBooks' ids of the objects that the call was about: those it named, or the one it made.
    """

    connection = models.ForeignKey(
        "quickbooks_app.Connection", null=True, on_delete=models.CASCADE, db_index=False, related_name="api_calls"
    )
    run = models.ForeignKey("quickbooks_app.ImportRun", null=True, on_delete=models.SET_NULL, related_name="calls")
    at = models.DateTimeField(db_index=True)
    operation = models.CharField(max_length=20, help_text="For example query, read, create or report.")
    entity = models.CharField("object", max_length=40, blank=True, help_text="The object or report; empty for several.")
    object_ids = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    request_id = models.CharField(max_length=50, blank=True, help_text="Of a write: its repetition does nothing twice.")
    is_metered = models.BooleanField("metered", default=False, help_text="Whether Intuit counts it this month.")
    status = models.PositiveSmallIntegerField(null=True, help_text="HTTP status; empty if there was no response.")
    error_code = models.CharField(max_length=40, blank=True)
    intuit_tid = models.CharField(max_length=100, blank=True)
    duration_ms = models.PositiveIntegerField()
    size = models.PositiveIntegerField(default=0, help_text="Size of the response in bytes.")

    class Meta:
        verbose_name = "API call"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["connection", "-at"], name="api_calls_by_connection"),
            models.Index(fields=["at", "connection"], name="api_calls_metered", condition=Q(is_metered=True)),
            GinIndex(fields=["object_ids"], name="api_calls_by_object", fastupdate=True),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.status or 'no response'}"

    @property
    def title(self) -> str:
        """The operation and its object, such as "query Invoice"."""
        return f"{self.operation} {self.entity}".strip()
