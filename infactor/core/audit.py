"""Writes the audit log: one row for each action of a person or the system that matters later."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models

from infactor.core.models import AuditEvent


def record(
    *,
    event: str,
    subject: models.Model,
    by: models.Model | AnonymousUser | None,
    at: datetime,
    supplier_id: int | None = None,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Write one event in the caller's transaction, so that it is rolled back with the action it records.

    `by` is a user, or None for the system (a task, a command). A `subject` that was never saved stands for a row that
    does not exist, such as an account that somebody tried to sign in to. `details` must hold no secrets and no
    personal data: staff see it unchanged.
    """
    row = unsaved(event=event, subject=subject, by=by, at=at, supplier_id=supplier_id, reason=reason, details=details)
    row.save()
    return row


def unsaved(
    *,
    event: str,
    subject: models.Model,
    by: models.Model | AnonymousUser | None,
    at: datetime,
    supplier_id: int | None = None,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """The event of `record`, for `record_all`."""
    return AuditEvent(
        at=at,
        event=event,
        actor_id=getattr(by, "pk", None),
        supplier_id=supplier_id,
        subject_type=subject._meta.label_lower,
        subject_id="" if subject.pk is None else str(subject.pk),
        reason=reason,
        details=dict(details or {}),
    )


def record_all(events: Iterable[AuditEvent]) -> None:
    """Write many events at once, as `record` writes one."""
    AuditEvent.objects.bulk_create(events)


def of(subject: models.Model) -> models.QuerySet[AuditEvent]:
    """The events about `subject`."""
    return AuditEvent.objects.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))
