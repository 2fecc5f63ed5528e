"""Timestamps for every table; the audit log, outbox, prepared files, heartbeats and compression dictionaries."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.fields import EncryptedModel, EncryptedTextField


class TimestampedModel(models.Model):
    """Adds the moments when a row was created and last saved (UTC)."""

    created_at = models.DateTimeField(auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    class Meta:
        abstract = True


class OutgoingMail(EncryptedModel, TimestampedModel):
    """A message in the email outbox; see core.email.outbox.

    `key` names what the message reports, so that nobody gets the same message twice. The body is encrypted, since it
    may hold links that work for anybody. A body with a link into an account is erased once the message is sent.
    """

    key = models.CharField(max_length=120, unique=True)
    to = models.EmailField()
    reply_to = models.EmailField(blank=True)
    subject = models.CharField(max_length=200)
    body = EncryptedTextField()
    language = models.CharField(max_length=10, blank=True, help_text="In which it is written.")
    erase_body_once_sent = models.BooleanField(default=False)
    unsubscribe_url = models.CharField(max_length=300, blank=True)
    supplier_id = models.BigIntegerField(null=True, db_index=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["not_before"], condition=models.Q(sent_at__isnull=True), name="mail_pending")]

    def __str__(self) -> str:
        return self.key


class Heartbeat(models.Model):
    """When a background process last ran. `/readyz` reports one that is late."""

    name = models.CharField(max_length=40, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class CompressionDictionary(models.Model):
    """What documents of one `purpose` have in common, for zstd (core.compression). A trigger rejects changes."""

    purpose = models.CharField(max_length=40)
    digest = models.BinaryField(max_length=16)
    data = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["purpose", "digest"], name="dictionary_once_a_purpose")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class AuditEvent(models.Model):
    """Who did what to which row, and when. Written by `audit.record`; a trigger rejects changes and deletes."""

    at = models.DateTimeField(db_index=True)
    event = models.CharField(max_length=80, help_text="noun.verb, for instance quickbooks.connected")
    # No foreign key constraint: the log outlives the people and the rows that it names.
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
        permissions = [("answer_data_requests", "Can export and erase the data of a person")]

    def __str__(self) -> str:
        return f"{self.event} {self.subject_type} {self.subject_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Audit events are append-only: an event is never changed.")
        super().save(*args, **kwargs)


class PreparedFile(TimestampedModel):
    """A list as a file, asked for by one person, written by a worker and kept for a day (core.prepared_files)."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Being prepared")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    query = models.CharField(max_length=1000, blank=True, help_text="The filters, as in the address of the list.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(null=True)
    content = models.BinaryField(null=True, help_text="The file, compressed with zstd.")

    class Meta:
        abstract = True
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state="waiting"), name="%(app_label)s_%(class)s_one_waiting"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", finished_at__isnull=True, content__isnull=True)
                | Q(state="ready", finished_at__isnull=False, content__isnull=False, rows__isnull=False)
                | Q(state="failed", finished_at__isnull=False, content__isnull=True),
                name="%(app_label)s_%(class)s_state_complete",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class ListExport(PreparedFile):
    """A list of staff as a file. `query` is the address of the list from its filters on."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"

    listed = models.CharField("list", max_length=80, help_text="The model of the list: financing.advance.")
    file_format = models.CharField("format", max_length=4, choices=Format.choices)
