"""Collects what the apps declare in `privacy.py`, and finds what they have not declared."""

import functools
import importlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from infactor.core.privacy.declarations import Evidence, NoPersonalData, Subject, SubjectKind, Table

MIN_NAME_LENGTH = 5  # a shorter text would be found in words that mean somebody else
# Columns of these types say nothing about a person by themselves; references to users are declared as paths.
NEVER_PERSONAL = (
    models.BooleanField,
    models.DateTimeField,
    models.DecimalField,
    models.IntegerField,
    models.UUIDField,
)


class UnknownSubject(LookupError):
    """Nobody is stored under this key."""


@dataclass(frozen=True)
class Registry:
    """All declarations of all apps."""

    tables: tuple[Table, ...]
    without: tuple[NoPersonalData, ...]
    kinds: dict[str, SubjectKind]
    blockers: tuple[Callable[[Subject], list[str]], ...]
    evidence: tuple[Callable[[Subject, datetime], Evidence], ...]
    related: tuple[Callable[[str, models.Model], Iterable[str]], ...]


@functools.cache
def registry() -> Registry:
    """The declarations, in the order in which an erasure goes: the apps that refer to others first."""
    modules: list[Any] = [
        importlib.import_module(f"{config.name}.privacy")
        for config in reversed(list(apps.get_app_configs()))
        if config.name.startswith(("infactor.", "quickbooks_app")) and config.name != "infactor.core"
        if find_spec(f"{config.name}.privacy")
    ]
    return Registry(
        tables=tuple(table for module in modules for table in module.TABLES),
        without=tuple(one for module in modules for one in getattr(module, "NO_PERSONAL_DATA", ())),
        kinds={kind.kind: kind for module in modules for kind in getattr(module, "SUBJECTS", ())},
        blockers=tuple(found for module in modules for found in getattr(module, "BLOCKERS", ())),
        evidence=tuple(found for module in modules for found in getattr(module, "EVIDENCE", ())),
        related=tuple(found for module in modules for found in getattr(module, "RELATED_NAMES", ())),
    )


def find_subjects(*, kind: str, key: str) -> list[Subject]:
    """Whom `key` names: a public id or an address. An address may be that of several buyers. Raises UnknownSubject."""
    declared = registry().kinds[kind]
    rows = apps.get_model(declared.model)._base_manager
    lookup = {f"{declared.by_address}__icontains": key} if declared.by_address and "@" in key else {declared.key: key}
    try:
        found = list(rows.filter(**lookup).order_by("pk"))
    except (ValidationError, ValueError) as error:
        raise UnknownSubject(f"{key!r} is not a public id.") from error
    if not found:
        raise UnknownSubject(f"No {kind} is stored under {key!r}.")
    return [
        Subject(
            kind=kind,
            row=row,
            names=_distinct(str(getattr(row, name)) for name in declared.name_fields),
            supplier_ids=frozenset(rows.filter(pk=row.pk).values_list(declared.suppliers, flat=True)),
            related=_distinct(name for provide in registry().related for name in provide(kind, row)),
        )
        for row in found
    ]


def undeclared_fields() -> Iterator[str]:
    """Every column that no declaration names, and every declared one that does not exist."""
    declared = {table.model: {*table.personal, *table.secret, *table.other} for table in registry().tables}
    without = {model for one in registry().without for model in one.models}
    for model in apps.get_models():
        label = model._meta.label
        if label in without:
            continue
        known = {field.name for field in model._meta.concrete_fields}
        for field in model._meta.concrete_fields:
            if field.name in declared.get(label, set()) or _is_never_personal(field):
                continue
            yield f"{label}.{field.name}"
        yield from (f"{label}.{name} (no such column)" for name in sorted(declared.get(label, set()) - known))


def _is_never_personal(field: models.Field) -> bool:
    is_number_key = field.primary_key and isinstance(field, models.AutoField)
    return field.is_relation or is_number_key or bool(field.choices) or isinstance(field, NEVER_PERSONAL)


def _distinct(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.strip() for name in names if len(name.strip()) >= MIN_NAME_LENGTH)
