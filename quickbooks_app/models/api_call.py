"""Every call made to QuickBooks: what staff and Intuit's support need to find out what happened."""

from django.db import models


class ApiCall(models.Model):
    """One request and how it ended; no token, no query text, nothing of the books."""

    connection = models.ForeignKey(
        "quickbooks_app.Connection", null=True, on_delete=models.CASCADE, related_name="api_calls"
    )
    run = models.ForeignKey("quickbooks_app.ImportRun", null=True, on_delete=models.SET_NULL, related_name="calls")
    at = models.DateTimeField(db_index=True)
    operation = models.CharField(max_length=60, help_text="For instance query Invoice, read CompanyInfo.")
    status = models.PositiveSmallIntegerField(null=True, help_text="HTTP status; empty where no answer came.")
    error_code = models.CharField(max_length=40, blank=True)
    intuit_tid = models.CharField(max_length=100, blank=True)
    duration_ms = models.PositiveIntegerField()
    size = models.PositiveIntegerField(default=0, help_text="Bytes of the answer.")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["connection", "-at"], name="calls_of_connection")]

    def __str__(self) -> str:
        return f"{self.operation} {self.status or 'no answer'}"
