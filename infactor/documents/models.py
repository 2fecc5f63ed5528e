"""A document about a row of any app, and its bytes in encrypted pieces."""

import uuid

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.fields import EncryptedModel, EncryptedTextField
from infactor.core.models import TimestampedModel


class Kind(models.TextChoices):
    """What a document is."""

    AGREEMENT = "agreement", _("Agreement")
    NOTICE = "notice", _("Notice of assignment")
    INVOICE = "invoice", _("Invoice")
    PURCHASE_ORDER = "purchase_order", _("Purchase order")
    DELIVERY = "delivery", _("Proof of delivery")
    IDENTITY = "identity", _("Proof of identity")
    REGISTRATION = "registration", _("Registration")
    CREDIT_NOTE = "credit_note", _("Credit note")
    REMITTANCE = "remittance", _("Remittance advice")
    BANK_LETTER = "bank_letter", _("Bank letter")
    OTHER = "other", _("Other")


class Document(TimestampedModel):
    """One version of a file about `subject`. A trigger rejects changes; a deletion keeps the row and drops the bytes.

    A file that replaces another is a new row that points to it, with the next `version`.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.BigIntegerField()
    subject = GenericForeignKey("content_type", "object_id")
    # No foreign key: suppliers are in a layer above. None: about a buyer, who may buy from several suppliers.
    supplier_id = models.BigIntegerField(null=True, db_index=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    name = models.CharField("file", max_length=120)
    note = models.CharField(max_length=200, blank=True)
    media_type = models.CharField("format", max_length=80)
    size = models.PositiveIntegerField(help_text="In bytes.")
    sha256 = models.CharField("SHA-256", max_length=64)
    version = models.PositiveSmallIntegerField(default=1)
    replaces = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by", verbose_name="replaces"
    )
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # Who sent it without an account: a buyer, on the page of its link.
    sent_by = models.CharField("sent by", max_length=300, blank=True)
    uploaded_at = models.DateTimeField()
    deleted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    deleted_at = models.DateTimeField(null=True)
    deletion_reason = models.CharField("why deleted", max_length=500, blank=True)

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        permissions = [("keep_documents", "Can add, replace and delete documents")]
        indexes = [models.Index(fields=["content_type", "object_id"], name="document_subject")]
        constraints = [
            models.CheckConstraint(
                name="document_described", condition=~Q(name="") & Q(size__gt=0, sha256__regex=r"^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(
                name="document_from_somebody",
                condition=Q(uploaded_by__isnull=False, sent_by="") | Q(uploaded_by=None) & ~Q(sent_by=""),
            ),
            models.CheckConstraint(
                name="document_version_follows",
                condition=Q(version=1, replaces=None) | Q(version__gt=1, replaces__isnull=False),
            ),
            models.CheckConstraint(
                name="document_deleted_by_whom_and_why",
                condition=Q(deleted_at=None, deleted_by=None, deletion_reason="")
                | Q(deleted_at__isnull=False, deleted_by__isnull=False) & ~Q(deletion_reason=""),
            ),
        ]

    @property
    def sender(self) -> str:
        """Who gave it, in words."""
        return str(self.uploaded_by) if self.uploaded_by is not None else self.sent_by

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"


class Piece(EncryptedModel):
    """A part of the bytes of a document: Base64, encrypted for its row. Triggers keep it as long as its document."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="pieces")
    place = models.PositiveSmallIntegerField()
    data = EncryptedTextField()

    class Meta:
        ordering = ["document", "place"]
        constraints = [models.UniqueConstraint(fields=["document", "place"], name="piece_once_a_place")]

    def __str__(self) -> str:
        return f"{self.document_id}, {self.place}"
