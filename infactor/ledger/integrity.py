"""Checks the whole ledger: nothing was changed behind the triggers' back, and other apps agree with the balances.

Apps in higher layers add reconciliations with `register`. Each returns a sentence for every discrepancy.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import connection
from django.db.transaction import atomic
from django.template.loader import render_to_string
from django.urls import reverse

from infactor.core import audit, staff_alerts
from infactor.core.staff_alerts import Alert, Kind
from infactor.ledger import integrity_checks
from infactor.ledger.models import Entry, IntegrityCheck, Transaction
from infactor.users.models import User
from infactor.users.roles import require

log = structlog.get_logger(__name__)
Check = Callable[[], list[str]]
PERMISSION = "ledger.verify_ledger"

_registered: dict[str, Check] = {}


@dataclass(frozen=True)
class _Result:
    transactions: int
    entries: int
    findings: list[str]
    milliseconds: int


def register(*, name: str, check: Check) -> None:
    """Run `check` in every ledger check. It compares the app's data with the ledger and writes nothing."""
    _registered[name] = check


def verify(*, at: datetime) -> IntegrityCheck:
    """Check every transaction, reversal and balance, run every registered reconciliation, and store the result.

    For the system: the nightly task and the command line. Unless the caller has opened a database transaction, all
    queries see the database as of one moment.
    """
    return _record(_run_checks(), at=at)


def verify_by_staff(*, by: User | None, at: datetime) -> IntegrityCheck:
    """`verify`, requested by staff. Raises roles.NotAllowed without the permission."""
    person = require(by, PERMISSION)
    result = _run_checks()
    with atomic():
        check = _record(result, at=at)
        audit.record(event="ledger.verified", subject=check, by=person, at=at, details={"ok": check.ok})
    return check


def failure() -> str:
    """A sentence if the last ledger check failed, else ""; a warning of core.health.readiness."""
    last = IntegrityCheck.objects.first()
    if last is None or last.ok:
        return ""
    return f"The ledger check of {last.at:%Y-%m-%d at %H:%M} UTC found errors."


def _run_checks() -> _Result:
    began = time.monotonic_ns()
    is_outermost = not connection.in_atomic_block
    with atomic():
        if is_outermost:
            # One snapshot for all queries: a transaction committed between two of them would look like a discrepancy.
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        transactions, entries = Transaction.objects.count(), Entry.objects.count()
        findings = integrity_checks.run_all()
        for name, check in _registered.items():
            findings += _run_registered(name, check)
    return _Result(transactions, entries, findings, milliseconds=(time.monotonic_ns() - began) // 1_000_000)


def _run_registered(name: str, check: Check) -> list[str]:
    try:
        with atomic():
            return check()
    except Exception as problem:
        # A reconciliation that crashes must not hide what the others found, nor count as one that found nothing.
        log.exception("reconciliation_failed", reconciliation=name)
        return [f"The reconciliation of {name} could not be run ({type(problem).__name__})."]


def _record(result: _Result, *, at: datetime) -> IntegrityCheck:
    if result.findings:
        log.error("ledger_check_failed", findings=len(result.findings))
    with atomic():
        check: IntegrityCheck = IntegrityCheck.objects.create(
            at=at,
            ok=not result.findings,
            transactions=result.transactions,
            entries=result.entries,
            findings=result.findings,
            milliseconds=result.milliseconds,
        )
        if result.findings:
            _alert_staff(check)
        return check


def _alert_staff(check: IntegrityCheck) -> None:
    """Say that something was found and where it is read: the findings themselves are for the page only."""
    page = reverse("admin:ledger_integritycheck_change", args=[check.pk])
    values = {"check": check, "count": len(check.findings), "address": staff_alerts.page_address(page)}
    staff_alerts.publish(
        Alert(
            kind=Kind.CHECK_FAILED,
            key=f"ledger.check_failed:{check.pk}",
            text=lambda: (
                render_to_string("ledger/email/check_failed_subject.txt", values),
                render_to_string("ledger/email/check_failed_message.txt", values),
            ),
        )
    )
