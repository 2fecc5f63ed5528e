"""Erases what is stored about a supplier, a person or a buyer, and says what stays and why.

Triggers let only these columns of append-only rows be overwritten, and only in a transaction that says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import QuerySet

from infactor.core import audit
from infactor.core.privacy.declarations import ERASED, Delete, Keep, Overwrite, Scrub, Subject, Table
from infactor.core.privacy.registry import registry
from infactor.core.privacy.rows import evidence_for, is_evidence, rows_about, scrub


class CannotErase(ValueError):
    """Something must be settled first; the message lists all of it."""


@dataclass
class ErasureReport:
    """Rows by table: deleted, overwritten, and kept with the reason."""

    deleted: dict[str, int] = field(default_factory=dict)
    overwritten: dict[str, int] = field(default_factory=dict)
    kept: dict[str, tuple[int, str]] = field(default_factory=dict)


def erase(*, subject: Subject, by: models.Model | None, at: datetime, reason: str) -> ErasureReport:
    """Erase `subject` in one transaction, audited with counts. Repeating it erases what has come or may go since.

    `reason` names the request, without personal data. Raises CannotErase while something is open.
    """
    found = [problem for blocker in registry().blockers for problem in blocker(subject)]
    if found:
        raise CannotErase("\n".join(found))
    report = ErasureReport()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL infactor.erasing = 'on'")
        evidence = evidence_for(subject=subject, at=at)
        work = []
        # Rows are found before anything is erased: afterwards nothing leads to them.
        for table in registry().tables:
            action = table.on_erasure.get(subject.kind)
            if action is None:
                continue
            rows = rows_about(table=table, subject=subject)
            lawful = is_evidence(table=table, evidence=evidence)
            free = rows.exclude(lawful)
            pks = list(free.values_list("pk", flat=True)) if not isinstance(action, Keep) else []
            _note_kept(table, action, rows=rows, free=len(pks), report=report)
            work.append((table, action, pks))
        for table, action, pks in work:
            _apply(table, action, pks=pks, subject=subject, report=report)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL infactor.erasing = 'off'")
        audit.record(
            event="privacy.erased",
            subject=subject.row,
            by=by,
            at=at,
            reason=reason,
            details={
                "deleted": report.deleted,
                "overwritten": report.overwritten,
                "kept": {model: rows for model, (rows, _) in report.kept.items()},
            },
        )
    return report


def _note_kept(table: Table, action: Any, *, rows: QuerySet, free: int, report: ErasureReport) -> None:
    kept = rows.count() - free
    if kept:
        why = action.reason if isinstance(action, Keep) else f"Record of what was financed. {table.retention}"
        report.kept[table.model] = (kept, why)


def _apply(table: Table, action: Any, *, pks: list[Any], subject: Subject, report: ErasureReport) -> None:
    model = apps.get_model(table.model)
    rows = model._base_manager.filter(pk__in=pks)
    if table.unless is not None:
        rows = rows.exclude(table.unless)
    match action:
        case Delete():
            deleted = rows.count()
            rows.delete()
            if deleted:
                report.deleted[table.model] = deleted
        case Overwrite(values):
            changed = sum(_overwrite(row, values) for row in rows.order_by("pk"))
            if changed:
                report.overwritten[table.model] = changed
        case Scrub(fields):
            changed = sum(_scrub(row, fields, names=subject.names | subject.related) for row in rows.order_by("pk"))
            if changed:
                report.overwritten[table.model] = changed


def _overwrite(row: models.Model, values: Mapping[str, Any]) -> bool:
    new = {name: value(row) if callable(value) else value for name, value in values.items()}
    changed = {name: value for name, value in new.items() if getattr(row, name) != value}
    if changed:
        _write(row, changed)
    return bool(changed)


def _scrub(row: models.Model, fields: tuple[str, ...], *, names: frozenset[str]) -> bool:
    changed = {}
    for name in fields:
        before = getattr(row, name)
        after = _scrubbed(before, names)
        if after != before:
            changed[name] = after
    if changed:
        _write(row, changed)
    return bool(changed)


def _scrubbed(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, str):
        return scrub(value, names=names, replacement=ERASED)
    if isinstance(value, dict):
        return {key: _scrubbed(one, names) for key, one in value.items()}
    return [_scrubbed(one, names) for one in value] if isinstance(value, list) else value


def _write(row: models.Model, values: dict[str, Any]) -> None:
    """Write past `save`, which append-only models refuse; encrypted columns are encrypted by their own query set."""
    manager: Any = getattr(type(row), "objects", type(row)._base_manager)
    manager.filter(pk=row.pk).update(**values)
