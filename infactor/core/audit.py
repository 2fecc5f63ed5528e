"""Writes the audit log: one row for each action of a person or the system that matters later."""

from collections.abc import Mapping
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
    return AuditEvent.objects.create(
        at=at,
        event=event,
        actor_id=getattr(by, "pk", None),
        supplier_id=supplier_id,
        subject_type=subject._meta.label_lower,
        subject_id="" if subject.pk is None else str(subject.pk),
        reason=reason,
        details=dict(details or {}),
    )
