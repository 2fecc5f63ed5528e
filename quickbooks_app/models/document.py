"""The raw copy of every QuickBooks object, byte for byte."""

from django.db import models


class Document(models.Model):
    """The latest version of one object. All mapped fields can be rebuilt from it.

    `payload` holds the bytes as received; PostgreSQL compresses them. `digest` is the BLAKE2b-128 hash of the payload.
    An import compares it to skip an unchanged object without decoding it.
    """

    connection = models.ForeignKey("quickbooks_app.Connection", on_delete=models.PROTECT, related_name="documents")
    entity = models.CharField(max_length=40)
    qbk_id = models.CharField(max_length=64)
    sync_token = models.CharField(max_length=20, blank=True)
    books_created_at = models.DateTimeField(null=True)
    books_updated_at = models.DateTimeField(null=True)
    digest = models.BinaryField(max_length=16)
    payload = models.BinaryField()
    fetched_at = models.DateTimeField()
    deleted_at = models.DateTimeField(
        null=True, help_text="When infactor learned of the deletion; the last version is kept."
    )

    class Meta:
        ordering = ["entity", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "entity", "qbk_id"], name="document_unique_per_connection")
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.qbk_id}"
