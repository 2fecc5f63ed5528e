"""Rewrites the encrypted and fingerprint columns of every table with the current keys, and proves that keys fit."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models, transaction

from infactor.core import keys
from infactor.core.fields import encrypted_fields, fingerprint_fields


@dataclass(frozen=True)
class RotatedTable:
    """How many rows of one table were rewritten, and its name in the plural."""

    name: str
    rows: int


@dataclass
class KeyCheck:
    """What `check_keys` found in all tables. `problems` has a sentence for each kind of problem and column."""

    decrypted: int
    fingerprints: int
    outdated: int
    problems: dict[str, int]


def encrypted_models() -> list[type[models.Model]]:
    """The models with encrypted columns."""
    return [model for model in apps.get_models() if encrypted_fields(model)]


def rotate() -> Iterator[RotatedTable]:
    """Encrypt every value with the first of FIELD_ENCRYPTION_KEYS and compute every fingerprint with FINGERPRINT_KEY.

    Safe to run at any time, repeatedly: one locked row at a time, so a token that is refreshed meanwhile is never
    overwritten with the old one. Raises keys.DecryptionError at the first value that cannot be read.
    """
    for model in encrypted_models():
        rows = 0
        for pk in model._base_manager.order_by("pk").values_list("pk", flat=True).iterator():
            with transaction.atomic():
                row = model._base_manager.select_for_update().filter(pk=pk).first()
                if row is not None:
                    _rewrite(row)
                    rows += 1
        yield RotatedTable(name=str(model._meta.verbose_name_plural), rows=rows)


def check_keys() -> KeyCheck:
    """Decrypt every value and compute every fingerprint again. Reports columns and numbers, and no value."""
    found = KeyCheck(decrypted=0, fingerprints=0, outdated=0, problems={})
    for model in encrypted_models():
        for row in model._base_manager.order_by("pk").iterator():
            _check_row(row, found)
    return found


def _rewrite(row: models.Model) -> None:
    names = [field.name for field in encrypted_fields(type(row)) if getattr(row, field.attname) is not None]
    for field in fingerprint_fields(type(row)):
        if getattr(row, field.attname):
            setattr(row, field.attname, field.accepted(row)[0])
            names.append(field.name)
    row.save(update_fields=names)


def _check_row(row: models.Model, found: KeyCheck) -> None:
    is_readable = True
    for field in encrypted_fields(type(row)):
        stored = row.__dict__[field.attname]
        if not stored:
            continue
        try:
            field.decrypt(stored, pk=row.pk)
        except keys.DecryptionError as problem:
            is_readable = False
            reason = "encrypted with an unknown key" if isinstance(problem, keys.UnknownKey) else "changed or copied"
            _count(found, f"{row._meta.label}.{field.name}: {reason}")
        else:
            found.decrypted += 1
            found.outdated += not keys.is_current(stored)
    for fingerprint in fingerprint_fields(type(row)) if is_readable else ():
        stored = getattr(row, fingerprint.attname)
        if not stored:
            continue
        found.fingerprints += 1
        accepted = fingerprint.accepted(row)
        if stored not in accepted:
            _count(found, f"{row._meta.label}.{fingerprint.name}: computed with an unknown key")
        found.outdated += stored != accepted[0]


def _count(found: KeyCheck, problem: str) -> None:
    found.problems[problem] = found.problems.get(problem, 0) + 1
