"""Issues found while importing QuickBooks objects."""

from django.db import models

REFUSED_BY_QUICKBOOKS = "refused_quickbooks"  # the code of an object that QuickBooks does not give out


class ImportIssue(models.Model):
    """One invalid field of one object. It stays open until the object is imported without it."""

    connection = models.ForeignKey("quickbooks_app.Connection", on_delete=models.CASCADE, related_name="issues")
    entity = models.CharField(max_length=40)
    qbk_id = models.CharField(max_length=64)
    field = models.CharField(max_length=60)
    code = models.CharField(max_length=30)
    message = models.CharField(max_length=300, help_text="In plain words, without the value.")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-last_seen_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "entity", "qbk_id", "field", "code"], name="issue_unique_per_object_and_field"
            )
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.qbk_id}: {self.message}"
