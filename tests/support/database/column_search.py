"""Finds a text in every column of every table, as somebody with a copy of the database would."""

from typing import Any

import zstandard
from django.apps import apps
from django.db import connection, models

from infactor.core import compression

ZSTD = b"\x28\xb5\x2f\xfd"  # how every compressed value begins


def columns_holding(text: str) -> set[str]:
    """`table.column` of every column that holds `text`, in any case; encrypted ones are decrypted first,
    compressed ones are decompressed."""
    found = set()
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.all():
            for field in model._meta.concrete_fields:
                value = getattr(row, field.attname)
                shown = _readable(row, field, value) if isinstance(field, models.BinaryField) else str(value)
                if value is not None and text.lower() in shown.lower():
                    found.add(f"{model._meta.db_table}.{field.column}")
    assert connection.in_atomic_block
    return found


def _readable(row: models.Model, field: models.Field, value: Any) -> str:
    """Bytes as text; compressed ones are decompressed, with the dictionary that their row names."""
    raw = bytes(value or b"")
    if raw.startswith(ZSTD):
        named = getattr(row, "dictionary_id", None)
        if named is None:
            raw = zstandard.ZstdDecompressor().decompressobj().decompress(raw)
        else:
            raw = compression.unpack(packed=raw, dictionary_id=named)
    return raw.decode(errors="replace")
