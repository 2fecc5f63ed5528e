"""Proving the whole ledger: nothing was changed past the triggers, and upper floors agree with what it says.

Apps on upper floors add their comparisons by `register`; each gives a sentence for everything that differs.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import connection
from django.db.transaction import atomic

from infactor.core import audit
from infactor.ledger import integrity_checks
from infactor.ledger.models import Entry, Proof, Transaction
from infactor.users.models import User
from infactor.users.roles import require

log = structlog.get_logger(__name__)
Check = Callable[[], list[str]]
MAY_PROVE = "ledger.prove_books"

_registered: dict[str, Check] = {}


@dataclass(frozen=True)
class _Seen:
    transactions: int
    entries: int
    said: list[str]
    milliseconds: int


def register(*, name: str, check: Check) -> None:
    """Ask `check` in each proof, too: it compares what its app says with the books, and writes nothing."""
    _registered[name] = check


def prove(*, at: datetime) -> Proof:
    """Look at every transaction, reversal and balance and at every registered comparison, and keep what was found.

    For the house itself: the clock and the command line. All of it is seen as of one moment where no database
    transaction is open around the call.
    """
    return _keep(_look(), at=at)


def prove_for(*, by: User | None, at: datetime) -> Proof:
    """`prove`, asked for by staff. Raises roles.NotAllowed for whoever may not."""
    person = require(by, MAY_PROVE)
    seen = _look()
    with atomic():
        proof = _keep(seen, at=at)
        audit.record(event="books.proved", subject=proof, by=person, at=at, details={"ok": proof.ok})
    return proof


def trouble(*, at: datetime) -> str:
    """A sentence where the last proof failed, else ""; for `core.readiness`."""
    last = Proof.objects.first()
    if last is None or last.ok:
        return ""
    return f"The books were not in order when they were proved on {last.at:%Y-%m-%d at %H:%M} UTC."


def _look() -> _Seen:
    began = time.monotonic_ns()
    alone = not connection.in_atomic_block
    with atomic():
        if alone:
            # One moment for all queries: an event between two of them is no difference.
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        transactions, entries = Transaction.objects.count(), Entry.objects.count()
        said = integrity_checks.everything()
        for name, check in _registered.items():
            said += _ask(name, check)
    return _Seen(transactions, entries, said, milliseconds=(time.monotonic_ns() - began) // 1_000_000)


def _ask(name: str, check: Check) -> list[str]:
    try:
        with atomic():
            return check()
    except Exception as problem:
        # A comparison that fails must not hide what the others found, nor pass for one that found nothing.
        log.exception("comparison_failed", comparison=name)
        return [f"The comparison of {name} could not be made ({type(problem).__name__})."]


def _keep(seen: _Seen, *, at: datetime) -> Proof:
    if seen.said:
        log.error("books_not_in_order", findings=len(seen.said))
    proof: Proof = Proof.objects.create(
        at=at,
        ok=not seen.said,
        transactions=seen.transactions,
        entries=seen.entries,
        findings=seen.said,
        milliseconds=seen.milliseconds,
    )
    return proof
