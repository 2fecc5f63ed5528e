"""The log of API calls to QuickBooks, for staff and for Intuit's support."""

from django.db import models


class ApiCall(models.Model):
    """One request and its result. It holds no token, no query text and no data of the company."""

    connection = models.ForeignKey(
        "quickbooks_app.Connection", null=True, on_delete=models.CASCADE, related_name="api_calls"
    )
    run = models.ForeignKey("quickbooks_app.ImportRun", null=True, on_delete=models.SET_NULL, related_name="calls")
    at = models.DateTimeField(db_index=True)
    operation = models.CharField(max_length=60, help_text="For example query Invoice or read CompanyInfo.")
    status = models.PositiveSmallIntegerField(null=True, help_text="HTTP status; empty if there was no response.")
    error_code = models.CharField(max_length=40, blank=True)
    intuit_tid = models.CharField(max_length=100, blank=True)
    duration_ms = models.PositiveIntegerField()
    size = models.PositiveIntegerField(default=0, help_text="Size of the response in bytes.")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["connection", "-at"], name="api_calls_by_connection")]

    def __str__(self) -> str:
        return f"{self.operation} {self.status or 'no response'}"
