"""The audit trail: one row for everything that a person or the house did and may have to answer for."""

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
    """Write one event inside the caller's transaction, so that it stands or falls with what it tells of.

    `by` is a user, or None for the house itself (a task, a command). `details` must hold no secret and no
    personal data: it is shown to staff as it is.
    """
    return AuditEvent.objects.create(
        at=at,
        event=event,
        actor_id=getattr(by, "pk", None),
        supplier_id=supplier_id,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        reason=reason,
        details=dict(details or {}),
    )
