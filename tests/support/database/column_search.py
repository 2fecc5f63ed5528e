"""Finds a text in every column of every table, as somebody with a copy of the database would."""

from django.apps import apps
from django.db import connection, models


def columns_holding(text: str) -> set[str]:
    """`table.column` of every column that holds `text`, in any case; encrypted columns are decrypted first."""
    found = set()
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.all():
            for field in model._meta.concrete_fields:
                value = getattr(row, field.attname)
                shown = bytes(value).decode(errors="replace") if isinstance(field, models.BinaryField) else str(value)
                if value is not None and text.lower() in shown.lower():
                    found.add(f"{model._meta.db_table}.{field.column}")
    assert connection.in_atomic_block
    return found
