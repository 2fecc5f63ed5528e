"""The raw copy of every QuickBooks object, byte for byte: its latest version, and those before."""

from datetime import datetime

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q


class StoredDocument(models.Model):
    """The bytes of one version. `documents.payloads` reads and writes them.

    `payload` is compressed with `dictionary`. `digest` is the BLAKE2b-128 hash of the bytes as received: an import
    compares it to skip an unchanged object, and whoever reads the payload checks it.
    """

    sync_token = models.CharField(max_length=20, blank=True)
    books_updated_at = models.DateTimeField(null=True)
    books_deleted_at = models.DateTimeField(
        null=True, help_text="When it was deleted in QuickBooks, if QuickBooks says so."
    )
    digest = models.BinaryField(max_length=16)
    payload = models.BinaryField()
    # No index: a dictionary is never deleted, and nothing looks for its rows.
    dictionary = models.ForeignKey(
        "core.CompressionDictionary", on_delete=models.PROTECT, db_index=False, related_name="+"
    )

    class Meta:
        abstract = True


class Document(StoredDocument):
    """The latest version of one object. All mapped fields can be rebuilt from it."""

    connection = models.ForeignKey(
        "quickbooks_app.Connection", on_delete=models.PROTECT, db_index=False, related_name="documents"
    )
    entity = models.CharField(max_length=40)
    qbk_id = models.CharField(max_length=64)
    books_created_at = models.DateTimeField(null=True)
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

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None

    @property
    def known_from(self) -> datetime:
        """Since when infactor knows this version."""
        return self.deleted_at or self.fetched_at


class DocumentVersion(StoredDocument):
    """A superseded version: what infactor knew of the object from `known_from` until `known_until`, by its own clock.

    A deletion is a version, too (`is_deleted`, with the bytes of the last one before it), and so is a restoration. In
    the books a version was true from `books_updated_at`, a deletion from `books_deleted_at`.
    """

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    is_deleted = models.BooleanField()
    known_from = models.DateTimeField()
    known_until = models.DateTimeField()

    class Meta:
        ordering = ["document_id", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(known_until__gte=F("known_from")), name="document_version_has_a_span")
        ]
        indexes = [
            # Retention looks for the oldest; rows are written in this order.
            BrinIndex(fields=["known_until"], name="document_version_by_age", autosummarize=True)
        ]

    def __str__(self) -> str:
        return f"{self.document} until {self.known_until}"
