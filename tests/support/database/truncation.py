"""Empties the tables after a test with several database connections, in a hundredth of a second.

Django truncates every table, empty or not, and recreates content types, permissions and groups.
"""

from functools import cache

from django.apps import apps
from django.db import connection, transaction
from django.db.backends.base.creation import TEST_DATABASE_PREFIX
from django.test import TransactionTestCase

from tests.support.database.initial_data import restore_initial_data

# Rows of a migrated database that no test changes.
STAYS = {"django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}


def delete_all_rows(case: TransactionTestCase | None = None) -> None:
    """Delete every row but those of a migrated database; also replaces `TransactionTestCase._fixture_teardown`.

    Raises RuntimeError on a database that is not a test database.
    """
    if not str(connection.settings_dict["NAME"]).startswith(TEST_DATABASE_PREFIX):
        raise RuntimeError(f"{connection.settings_dict['NAME']} is not a test database: nothing was deleted.")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_which_hold_rows())
        filled = [table for (table,) in cursor.fetchall()]
        # Skip foreign keys, whose other end is deleted too, and the triggers that protect the ledger.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in filled:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
    restore_initial_data(sender=apps.get_app_config("financing"))


@cache
def _which_hold_rows() -> str:
    named = ((table, connection.ops.quote_name(table)) for table in connection.introspection.table_names())
    asked = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM {quoted})" for table, quoted in named if table not in STAYS)
    return " UNION ALL ".join(asked)
