"""Import issues: one row per object and field, closed once the object arrives without the issue."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from infactor.core.bulk import InArray
from quickbooks_app.api.field_parsing import Issue
from quickbooks_app.api.refused_objects import Unnamed
from quickbooks_app.models import Connection, ImportIssue
from quickbooks_app.models.import_issue import REFUSED_BY_QUICKBOOKS

MAX_ASKED_AGAIN = 20  # refused objects that one run asks for again
WHAT_TO_DO = gettext_noop(
    "QuickBooks does not give this object out. Open it in QuickBooks, correct what is invalid there, often an email"
    " address, and save it. infactor asks for it again at every sync."
)


def record_refused(
    *,
    connection: Connection,
    entity: str,
    ids: Collection[str],
    at: datetime,
    unnamed: Collection[Unnamed] = (),
) -> int:
    """Record the objects that QuickBooks refuses to give out, with what to do. Returns their number."""
    refused = {qbk_id: [Issue("", REFUSED_BY_QUICKBOOKS, WHAT_TO_DO)] for qbk_id in ids}
    if unnamed:
        refused[""] = [
            Issue(
                f"after Id {gap.after}" if gap.after else "first", REFUSED_BY_QUICKBOOKS, f"{_created(gap)}{WHAT_TO_DO}"
            )
            for gap in unnamed
        ]
    if refused:
        record_issues(connection=connection, entity=entity, found=refused, at=at)
    return len(ids) + len(unnamed)


def record_without_id(*, connection: Connection, entity: str, number: int, at: datetime) -> None:
    """Record that QuickBooks gives out `number` objects without an id."""
    if number:
        issue = Issue("Id", "unreadable", f"{number} objects have no readable Id.")
        record_issues(connection=connection, entity=entity, found={"": [issue]}, at=at)


def _created(gap: Unnamed) -> str:
    """When the objects of a gap were created, which is how the supplier can find them. Days in UTC."""
    match gap.created_from, gap.created_until:
        case None, None:
            return ""
        case None, until:
            return f"Created until {until:%Y-%m-%d}. "
        case since, None:
            return f"Created since {since:%Y-%m-%d}. "
        case since, until:
            return f"Created between {since:%Y-%m-%d} and {until:%Y-%m-%d}. "


def refused_ids(*, connection: Connection, entity: str) -> list[str]:
    """Objects to ask for again, those that were asked for longest ago first."""
    issues = _open_refused(connection, entity).exclude(qbk_id="")
    return list(issues.order_by("last_seen_at").values_list("qbk_id", flat=True)[:MAX_ASKED_AGAIN])


def refused_keys(connection: Connection) -> set[tuple[str, str]]:
    """Every object, by entity and id, that QuickBooks is known to refuse."""
    issues = ImportIssue.objects.filter(connection=connection, code=REFUSED_BY_QUICKBOOKS, resolved_at__isnull=True)
    return set(issues.exclude(qbk_id="").values_list("entity", "qbk_id"))


def close_refused(*, connection: Connection, entity: str, ids: Collection[str], at: datetime) -> None:
    """Close the issues of objects that have arrived."""
    _open_refused(connection, entity).filter(InArray("qbk_id", ids)).update(resolved_at=at)


def close_unnamed(*, connection: Connection, entity: str, before: datetime, at: datetime) -> None:
    """Close the issues without an id that a whole reading since `before` has not met again."""
    ImportIssue.objects.filter(
        connection=connection, entity=entity, qbk_id="", resolved_at__isnull=True, last_seen_at__lt=before
    ).update(resolved_at=at)


def _open_refused(connection: Connection, entity: str) -> QuerySet[ImportIssue]:
    return ImportIssue.objects.filter(
        connection=connection, entity=entity, code=REFUSED_BY_QUICKBOOKS, resolved_at__isnull=True
    )


def record_issues(*, connection: Connection, entity: str, found: Mapping[str, Sequence[Issue]], at: datetime) -> None:
    """Replace the open issues of each object in `found`, by QuickBooks id, with the issues found now.

    Those without an id are about different objects, and stay until `close_unnamed`.
    """
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
        InArray("qbk_id", [qbk_id for qbk_id in found if qbk_id]),
        connection=connection,
        entity=entity,
        resolved_at__isnull=True,
        last_seen_at__lt=at,
    ).update(resolved_at=at)
