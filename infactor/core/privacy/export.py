"""Everything that is stored about a supplier, a person or a buyer, as JSON for them to read."""

import json
from collections.abc import Collection
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from infactor.core import audit
from infactor.core.privacy.declarations import Subject, Table
from infactor.core.privacy.registry import registry
from infactor.core.privacy.rows import rows_about

Tables = dict[str, dict[str, Any]]


def count_rows(*, subject: Subject) -> int:
    """The number of rows that a copy of the subject's data has."""
    tables = (table for table in registry().tables if subject.kind not in table.not_copied_for)
    return sum(rows_about(table=table, subject=subject).count() for table in tables)


def export(*, subject: Subject, by: models.Model | None, at: Any) -> str:
    """The subject's data by table, each with its purpose, ground and retention. Secrets are left out. Audited.

    Personal columns only, and references that a person can read. Times are UTC, amounts text.
    """
    tables = copy_of(subject=subject)
    counts = {model: len(found["rows"]) for model, found in tables.items()}
    audit.record(event="privacy.exported", subject=subject.row, by=by, at=at, details={"rows": counts})
    return as_json(subject=subject, tables=tables, at=at)


def copy_of(*, subject: Subject, only: Collection[str] | None = None, leave_out: Collection[str] = ()) -> Tables:
    """What is stored about the subject, by table; `only` of these models, without the columns `leave_out`."""
    tables: Tables = {}
    for table in registry().tables:
        if subject.kind in table.not_copied_for or (only is not None and table.model not in only):
            continue
        found = rows_about(table=table, subject=subject).order_by("pk").iterator()
        rows = [_as_dict(table, row, leave_out) for row in found]
        if rows:
            tables[table.model] = {
                "purpose": table.purpose,
                "ground": str(table.ground),
                "kept": table.retention,
                "rows": rows,
            }
    return tables


def as_json(*, subject: Subject, tables: Tables, at: Any) -> str:
    """The tables of `copy_of` as text."""
    return json.dumps({"about": str(subject), "at": at, "tables": tables}, cls=_Encoder, indent=2, ensure_ascii=False)


def _as_dict(table: Table, row: models.Model, leave_out: Collection[str] = ()) -> dict[str, Any]:
    return {name: _value(table, row, name) for name in ("pk", *table.personal) if name not in leave_out}


def _value(table: Table, row: models.Model, name: str) -> Any:
    read = table.readable.get(name)
    return getattr(row, name) if read is None else read(row)


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        if isinstance(o, bytes | memoryview):
            return bytes(o).decode(errors="replace")
        return str(o) if isinstance(o, models.Model) else super().default(o)
