"""The work queues on the home page of staff: count, age and amount of each, one's own queues first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from infactor.core.admin.formatting import amounts_text, moment_text, waiting_text
from infactor.financing.admin.queues import counts
from infactor.financing.admin.queues.definitions import Queue, every_queue
from infactor.ledger import integrity
from infactor.ledger.models import IntegrityCheck
from infactor.users.models import User


@dataclass(frozen=True)
class QueueLine:
    """One queue as it is shown."""

    label: str
    url: str
    count: str
    waiting: str
    amounts: SafeString
    more: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class WorkQueues:
    """The queues that somebody may work on, and all others."""

    own: Sequence[QueueLine]
    others: Sequence[QueueLine]


def work_queues(*, user: User, at: datetime) -> WorkQueues:
    """Every queue at the moment `at`, in a fixed number of queries."""
    balances = counts.balances()
    counted = {**counts.count(by=user, at=at), **{name: len(rows) for name, rows in balances.items()}}
    sums = counts.sums(balances=balances)
    own: list[QueueLine] = []
    others: list[QueueLine] = []
    for queue in every_queue():
        may_work = user.has_perm(queue.permission)
        line = _line(queue, counted, sums.get(queue.name, []), at=at, may_work=may_work)
        (own if may_work else others).append(line)
    (own if user.has_perm(integrity.PERMISSION) else others).append(_ledger_check())
    return WorkQueues(own, others)


def _line(
    queue: Queue, counted: Mapping[str, Any], amounts: list[tuple[str, Decimal]], *, at: datetime, may_work: bool
) -> QueueLine:
    return QueueLine(
        label=queue.label,
        url=f"{reverse(f'admin:{queue.address}')}{queue.query}",
        count=str(counted[queue.name]),
        waiting=waiting_text(counted.get(f"{queue.name}_since"), now=at),
        amounts=amounts_text(amounts),
        more=[(label, reverse(f"admin:{address}")) for label, address in queue.more] if may_work else (),
    )


def _ledger_check() -> QueueLine:
    """When the ledger was last checked, and the result."""
    last = IntegrityCheck.objects.order_by("-at").first()
    url = reverse("admin:ledger_integritycheck_changelist")
    if last is None:
        return QueueLine("Ledger check", url, "never", "", amounts_text([]))
    result = "in order" if last.ok else f"{len(last.findings)} found"
    return QueueLine("Ledger check", url, result, moment_text(last.at), amounts_text([]))
