"""Copies the migrated template as the test database of one process, in a fifth of a second.

Django would look for migrations to run in the copy, and read all of its rows.
"""

from django.conf import settings
from django.db import connection
from django.db.backends.base.creation import TEST_DATABASE_PREFIX


def create_test_database() -> str:
    """Make the test database, connect to it, and return the name of the one that it replaces.

    It is a copy of the template of the settings. Where these name none, since DATABASE_URL is a server of the
    developer's own, Django migrates an empty one.
    """
    replaced, test = str(connection.settings_dict["NAME"]), connection.settings_dict["TEST"]
    if "TEMPLATE" not in test:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        return replaced
    name = test["NAME"] or f"{TEST_DATABASE_PREFIX}{replaced}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {_quoted(name)} TEMPLATE {_quoted(test['TEMPLATE'])}")
    _connect_to(name)
    return replaced


def drop_test_database(replaced: str) -> None:
    """Drop the test database, whoever is connected to it, and connect to the one that it replaced."""
    name = connection.settings_dict["NAME"]
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {_quoted(name)} WITH (FORCE)")
    _connect_to(replaced)


def _connect_to(name: str) -> None:
    connection.close()
    settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = name


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
