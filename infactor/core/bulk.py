"""Many rows at once: PostgreSQL's COPY, inside the transaction of whoever calls."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models
from psycopg import sql

STAGING = sql.Identifier("staged_rows")


def copy_rows(*, model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write new `rows` (values in the order of `columns`) into the table of `model`.

    Passes over `save()` and validators; the table's constraints hold. Raises Django's database errors.
    """
    _copy(table=sql.Identifier(model._meta.db_table), columns=columns, rows=rows)


def update_rows(*, model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """Set `columns` of the rows of `model` whose primary key stands first in each of `rows`; how many were set."""
    if not rows:
        return 0
    table, key = sql.Identifier(model._meta.db_table), sql.Identifier("id")
    names = [sql.Identifier(name) for name in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {}, {} FROM {} WITH NO DATA").format(
                STAGING, key, sql.SQL(", ").join(names), table
            )
        )
        _copy(table=STAGING, columns=["id", *columns], rows=rows)
        assignments = sql.SQL(", ").join(sql.SQL("{0} = staged.{0}").format(name) for name in names)
        cursor.execute(
            sql.SQL("UPDATE {} AS target SET {} FROM {} AS staged WHERE target.id = staged.id").format(
                table, assignments, STAGING
            )
        )
        updated: int = cursor.rowcount
        cursor.execute(sql.SQL("DROP TABLE {}").format(STAGING))
        return updated


def _copy(*, table: sql.Identifier, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        table, sql.SQL(", ").join(sql.Identifier(name) for name in columns)
    )
    # The wrapper turns the driver's errors into Django's; COPY has no name of its own on Django's cursor.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
