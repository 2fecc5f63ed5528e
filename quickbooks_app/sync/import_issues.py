"""Import issues: one row per object and field, closed once the object arrives without the issue."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from infactor.core.bulk import InArray
from quickbooks_app.api.field_parsing import Issue
from quickbooks_app.models import Connection, ImportIssue


def record_issues(*, connection: Connection, entity: str, found: Mapping[str, Sequence[Issue]], at: datetime) -> None:
    """Replace the open issues of each object in `found`, by QuickBooks id, with the issues found now."""
    ImportIssue.objects.bulk_create(
        (
            ImportIssue(
                connection=connection,
                entity=entity,
                qbk_id=qbk_id[:64],
                field=issue.field[:60],
                code=issue.code,
                message=issue.message[:300],
                first_seen_at=at,
                last_seen_at=at,
            )
            for qbk_id, issues in found.items()
            for issue in issues
        ),
        update_conflicts=True,
        unique_fields=["connection", "entity", "qbk_id", "field", "code"],
        update_fields=["message", "last_seen_at", "resolved_at"],
    )
    ImportIssue.objects.filter(
        InArray("qbk_id", found), connection=connection, entity=entity, resolved_at__isnull=True, last_seen_at__lt=at
    ).update(resolved_at=at)
