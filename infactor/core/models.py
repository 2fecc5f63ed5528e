"""Timestamps for every table, the audit log, the e-mail outbox, heartbeats and compression dictionaries."""

from typing import Any

from django.conf import settings
from django.db import models

from infactor.core.fields import EncryptedModel, EncryptedTextField


class TimestampedModel(models.Model):
    """Adds the moments when a row was created and last saved (UTC)."""

    created_at = models.DateTimeField(auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    class Meta:
        abstract = True


class OutgoingMail(EncryptedModel, TimestampedModel):
    """A message in the e-mail outbox; see core.email.outbox.

    `key` names what the message reports, so that nobody gets the same message twice. The body is encrypted, since it
    may hold links that work for anybody. A body with a link into an account is erased once the message is sent.
    """

    key = models.CharField(max_length=120, unique=True)
    to = models.EmailField()
    reply_to = models.EmailField(blank=True)
    subject = models.CharField(max_length=200)
    body = EncryptedTextField()
    erase_body_once_sent = models.BooleanField(default=False)
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
