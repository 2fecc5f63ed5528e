"""Whether this installation can do its work: what it needs answers, and nothing waits for too long.

Apps on upper floors add what they know by `register`; each check gives a sentence for what is wrong, and no secret.
"""

from collections.abc import Callable
from datetime import datetime

from celery import current_app
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error as DatabaseError
from kombu.exceptions import OperationalError

from infactor.core.health import heartbeats

Check = Callable[[datetime], str]
BROKER_PATIENCE = 2  # seconds

_registered: dict[str, Check] = {}


def register(*, name: str, check: Check) -> None:
    """Ask `check` too, with the time, each time that readiness is asked for; "" from it means well."""
    _registered[name] = check


def troubles(*, at: datetime) -> dict[str, str]:
    """What is wrong, by name: empty where everything is well."""
    if said := _database():
        return {"database": said}  # nothing else can be asked
    checks: dict[str, Check] = {
        "migrations": lambda at: _migrations(),
        "broker": lambda at: _broker(),
        "background": lambda at: heartbeats.trouble(name=heartbeats.BACKGROUND, at=at),
        **_registered,
    }
    found = {name: check(at) for name, check in checks.items()}
    return {name: said for name, said in found.items() if said}


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer."
    return ""


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    left = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(left)} migrations are not applied." if left else ""


def _broker() -> str:
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_PATIENCE)
    except (OperationalError, OSError):
        return "The broker does not answer: work waits in the database until it does."
    return ""
