"""Rewrites fingerprints and encrypted values with the current keys, and proves that keys fit.

Encrypted are columns of every table, and the secrets of second factors.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models, transaction

from infactor.core import keys, second_factor
from infactor.core.fields import encrypted_fields, fingerprint_fields

ROWS_AT_ONCE = 50  # a piece of a document takes half a megabyte


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
    yield RotatedTable(name="secrets of second factors", rows=second_factor.reencrypt_secrets())


def check_keys() -> KeyCheck:
    """Decrypt every value and compute every fingerprint again. Reports columns and numbers, and no value."""
    found = KeyCheck(decrypted=0, fingerprints=0, outdated=0, problems={})
    for model in encrypted_models():
        for row in model._base_manager.order_by("pk").iterator(chunk_size=ROWS_AT_ONCE):
            _check_row(row, found)
    for stored in second_factor.stored_secrets():
        _check_value(stored, place=second_factor.PLACE, name=second_factor.PLACE, found=found)
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
        name = f"{row._meta.label}.{field.name}"
        is_readable &= _check_value(stored, place=field.place(row.pk), name=name, found=found)
    for fingerprint in fingerprint_fields(type(row)) if is_readable else ():
        stored = getattr(row, fingerprint.attname)
        if not stored:
            continue
        found.fingerprints += 1
        accepted = fingerprint.accepted(row)
        if stored not in accepted:
            _count(found, f"{row._meta.label}.{fingerprint.name}: computed with an unknown key")
        found.outdated += stored != accepted[0]


def _check_value(stored: str, *, place: str, name: str, found: KeyCheck) -> bool:
    try:
        keys.decrypt(stored, place=place)
    except keys.DecryptionError as problem:
        reason = "encrypted with an unknown key" if isinstance(problem, keys.UnknownKey) else "changed or copied"
        _count(found, f"{name}: {reason}")
        return False
    found.decrypted += 1
    found.outdated += not keys.is_current(stored)
    return True


def _count(found: KeyCheck, problem: str) -> None:
    found.problems[problem] = found.problems.get(problem, 0) + 1
