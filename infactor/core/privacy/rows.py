"""The rows of a table that are about a subject."""

import functools
import re
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet

from infactor.core.fields import EncryptedTextField
from infactor.core.privacy.declarations import EVERYWHERE, SUPPLIER, Evidence, Subject, Table
from infactor.core.privacy.registry import registry

NOTHING = Q(pk__in=[])


def rows_about(*, table: Table, subject: Subject) -> QuerySet:
    """The rows of `table` that belong to `subject`, or mention it by name."""
    path = table.paths.get(subject.kind, ())
    by_path = path(subject) if callable(path) else reduce(or_, (Q(**{name: subject.row.pk}) for name in path), NOTHING)
    rows: QuerySet = apps.get_model(table.model)._base_manager.filter(by_path | _mentions(table, subject))
    return rows.distinct() if "__" in str(path) else rows


def evidence_for(*, subject: Subject, at: datetime) -> Evidence:
    """What was financed of `subject` and must be kept."""
    found = [provide(subject, at) for provide in registry().evidence]
    return Evidence(
        supplier_ids=frozenset().union(*(one.supplier_ids for one in found)),
        invoice_ids=frozenset().union(*(one.invoice_ids for one in found)),
    )


def is_evidence(*, table: Table, evidence: Evidence) -> Q:
    """The rows of `table` that the law demands to keep."""
    if not table.evidence:
        return NOTHING
    ids = evidence.supplier_ids if table.evidence_of == SUPPLIER else evidence.invoice_ids
    return Q(**{f"{table.evidence}__in": ids})


def scrub(text: str, *, names: frozenset[str], replacement: str) -> str:
    """`text` with each of `names` replaced, in any case."""
    return _pattern(names).sub(replacement, text) if names else text


@functools.lru_cache(maxsize=4)
def _pattern(names: frozenset[str]) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile("|".join(re.escape(name) for name in longest_first), re.IGNORECASE)


def _mentions(table: Table, subject: Subject) -> Q:
    addresses = frozenset(name for name in subject.names if "@" in name)
    by_address = _contains(table, addresses)
    if not table.scope:
        return by_address
    by_name = _contains(table, subject.names - addresses)
    if table.scope == EVERYWHERE:
        return by_address | by_name
    ours = Q(**{f"{table.scope}__in": subject.supplier_ids}) | Q(**{f"{table.scope}__isnull": True})
    return by_address | by_name & ours


def _contains(table: Table, names: frozenset[str]) -> Q:
    found = NOTHING
    if not names:
        return found
    model = apps.get_model(table.model)
    for column in table.mentions:
        if isinstance(model._meta.get_field(column), EncryptedTextField):
            found |= Q(pk__in=_decrypted_rows(model, column=column, names=names))
        else:
            found = reduce(or_, (Q(**{f"{column}__icontains": name}) for name in names), found)
    return found


def _decrypted_rows(model: type[models.Model], *, column: str, names: frozenset[str]) -> list[Any]:
    """The primary keys of rows whose encrypted `column` holds one of `names`. The database cannot search it."""
    pattern = _pattern(names)
    rows = model._base_manager.exclude(**{column: ""}).only("pk", column)
    return [row.pk for row in rows.iterator() if pattern.search(getattr(row, column) or "")]
