"""Rights of the roles in PostgreSQL: the processes change rows and no table, reports read what is no secret.

The role that owns the tables runs migrations, and nothing else: it could switch the triggers off that keep the ledger
and the audit log.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection
from psycopg import sql

from infactor.core.privacy.registry import registry

MIGRATIONS = "django_migrations"  # written by migrations only
COUNT_OWNED = """
SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
AND pg_has_role(current_user, relowner, 'MEMBER')
"""


class UnfitRole(ValueError):
    """A role is missing, or could do more than it may; the message says which and why."""


def grant(*, app: str, reader: str) -> None:
    """Give both roles their rights on all tables, and take every other. Run as the owner, after each migration.

    `app` is the role of web, worker and beat; later tables are open to it, too. `reader` reads every column that is not
    declared secret, and may be "". Raises UnfitRole.
    """
    for name in filter(None, (app, reader)):
        _require_fit(name)
    with connection.cursor() as cursor:
        for statement in (*_app_statements(app), *(_reader_statements(reader) if reader else ())):
            cursor.execute(statement)


def owns_tables() -> bool:
    """Whether the current role owns tables, and so could change them or switch their triggers off."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_OWNED)
        return bool(cursor.fetchone()[0])


def _require_fit(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, pg_has_role(oid, current_user::text, 'MEMBER') FROM pg_roles WHERE rolname = %s", [name]
        )
        found = cursor.fetchone()
    if found is None:
        raise UnfitRole(f"There is no role {name!r} in PostgreSQL. Make it with createuser.")
    is_superuser, is_owner = found
    if is_superuser or is_owner:
        raise UnfitRole(f"{name!r} is a superuser or owns the tables, and keeps every right. Name another role.")


def _app_statements(app: str) -> Iterator[sql.Composed]:
    names = {"app": sql.Identifier(app), "database": sql.Identifier(connection.settings_dict["NAME"])}
    for statement in (
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC, {app}",
        "GRANT USAGE ON SCHEMA public TO {app}",
        "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}",  # imports use temporary tables
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {app}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}",
        f"REVOKE INSERT, UPDATE, DELETE ON {MIGRATIONS} FROM {{app}}",
        "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {app}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {app}",
    ):
        yield sql.SQL(statement).format(**names)


def _reader_statements(reader: str) -> Iterator[sql.Composed]:
    names = {"reader": sql.Identifier(reader), "database": sql.Identifier(connection.settings_dict["NAME"])}
    for statement in (
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {reader}",
        "GRANT CONNECT ON DATABASE {database} TO {reader}",
        "GRANT USAGE ON SCHEMA public TO {reader}",
        f"GRANT SELECT ON {MIGRATIONS} TO {{reader}}",
    ):
        yield sql.SQL(statement).format(**names)
    secret = {table.model: set(table.secret) for table in registry().tables}
    for model in apps.get_models(include_auto_created=True):
        fields = model._meta.concrete_fields
        hidden = secret.get(model._meta.label, set())
        columns = [sql.Identifier(str(field.column)) for field in fields if field.name not in hidden]
        yield sql.SQL("GRANT SELECT ({columns}) ON {table} TO {reader}").format(
            columns=sql.SQL(", ").join(columns), table=_table(model), **names
        )


def _table(model: Any) -> sql.Identifier:
    return sql.Identifier(model._meta.db_table)
