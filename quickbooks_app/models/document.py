"""The raw mirror: every object exactly as QuickBooks sent it."""

from django.db import models


class Document(models.Model):
    """The bytes of one object's latest version. Everything mapped can be made again from here.

    `payload` is what came over the wire, untouched (PostgreSQL compresses it); `digest` is its BLAKE2b-128, by
    which an unchanged object is passed over before it is decoded.
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
    deleted_at = models.DateTimeField(null=True, help_text="Gone from the books since; the last version stays.")

    class Meta:
        ordering = ["entity", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "entity", "qbk_id"], name="document_once_a_connection")
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.qbk_id}"
