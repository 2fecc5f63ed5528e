"""Creates a separate database on the test server for a process that a test starts."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from psycopg import sql


@contextmanager
def separate_database() -> Iterator[str]:
    """Yield the URL of a copy of the migrated template (tests/conftest.py), or of an empty database without one."""
    server, name = os.environ["DATABASE_URL"], f"own_{uuid.uuid4().hex}"
    make = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template := os.environ.get("TEST_DATABASE_TEMPLATE"):
        make += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(make)
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
