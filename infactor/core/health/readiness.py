"""Readiness: whether the database, the broker and the background processes of this installation work.

Apps in higher layers add checks with `register`. A check returns a sentence without secrets, or "" if all is well. What
people must look at, and no restart and no other server would mend, is a warning: `register_warning`.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error as DatabaseError

from infactor.core import broker
from infactor.core.health import heartbeats
from infactor.core.models import OutgoingMail

Check = Callable[[datetime], str]
BROKER_TIMEOUT = 2  # seconds
MAX_MAIL_WAIT = timedelta(minutes=15)

_registered: dict[str, Check] = {}
_warnings: dict[str, Check] = {}


def register(*, name: str, check: Check) -> None:
    """Call `check` with the current time whenever readiness is evaluated. It returns "" if all is well."""
    _registered[name] = check


def register_warning(*, name: str, check: Check) -> None:
    """As `register`, for something that leaves the installation ready to do its work."""
    _warnings[name] = check


def warnings(*, at: datetime) -> dict[str, str]:
    """A sentence for each warning, by the name of its check. They ask the database, so only after `failures`."""
    results = {name: check(at) for name, check in _warnings.items()}
    return {name: warning for name, warning in results.items() if warning}


def failures(*, at: datetime) -> dict[str, str]:
    """A sentence for each check that failed, by the name of the check. Empty if the installation is ready."""
    if failure := _database():
        return {"database": failure}  # every other check needs it
    checks: dict[str, Check] = {
        "migrations": lambda at: _migrations(),
        "broker": lambda at: _broker(),
        "mail": _mail,
        "background": lambda at: heartbeats.failure(name=heartbeats.BACKGROUND, at=at),
        **_registered,
    }
    results = {name: check(at) for name, check in checks.items()}
    return {name: failure for name, failure in results.items() if failure}


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer."
    return ""


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    unapplied = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"Migrations not applied: {len(unapplied)}." if unapplied else ""


def _mail(at: datetime) -> str:
    """An unreachable server costs a message no attempt; one that refuses a single message does."""
    waiting = OutgoingMail.objects.filter(sent_at__isnull=True, attempts=0, created_at__lte=at - MAX_MAIL_WAIT)
    oldest = waiting.order_by("created_at").values_list("created_at", flat=True).first()
    if oldest is None:
        return ""
    return f"Emails have waited for {(at - oldest) // timedelta(minutes=1)} minutes: the mail server does not answer."


def _broker() -> str:
    try:
        with broker.connection() as opened:
            opened.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_TIMEOUT)
    except broker.FAILURES:
        return "The broker does not answer: work waits in the database until it does."
    return ""
