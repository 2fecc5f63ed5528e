"""Checksums of every table in one query, to see whether a test wrote anything."""

from collections.abc import Iterable, Mapping

from django.db import connection
from django.db.models import Model


def checksums(models: Iterable[type[Model]], columns: Mapping[type[Model], str] | None = None) -> dict[str, str]:
    """Checksums by table, of whole rows, or of `columns` where a model is named there ("id, state")."""
    tables = [(model._meta.db_table, "t::text") for model in models]
    tables += [(model._meta.db_table, f"({named})::text") for model, named in (columns or {}).items()]
    queries = (
        f"SELECT '{table}', md5(coalesce(string_agg({row}, ' ' ORDER BY {row}), '')) FROM {table} t"
        for table, row in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(queries))
        return dict(cursor.fetchall())
