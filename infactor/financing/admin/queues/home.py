"""The work queues on the home page of staff: count, age and amount of each, one's own first, the latest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from infactor.core.admin.formatting import amounts_text, moment_text, waiting_text
from infactor.core.translatable import Text
from infactor.financing.admin.queues import counts, urgency
from infactor.financing.admin.queues.definitions import Queue, every_queue
from infactor.ledger import integrity
from infactor.ledger.models import IntegrityCheck
from infactor.users.models import User


@dataclass(frozen=True)
class QueueLine:
    """One queue as it is shown."""

    label: Text
    url: str
    count: str
    waiting: str
    amounts: SafeString
    more: Sequence[tuple[str, str]] = ()
    responsible: str = ""
    urgency: float = 0

    @property
    def is_late(self) -> bool:
        return self.urgency > 1

    @property
    def is_empty(self) -> bool:
        return self.count == "0"


@dataclass(frozen=True)
class WorkQueues:
    """The queues that somebody may work on, all others, and those in which nothing waits."""

    own: Sequence[QueueLine]
    others: Sequence[QueueLine]
    empty: Sequence[QueueLine]
    may_work: bool


def work_queues(*, user: User, at: datetime) -> WorkQueues:
    """Every queue at the moment `at`, in a fixed number of queries."""
    balances = counts.balances()
    counted = {**counts.count(by=user, at=at), **{name: len(rows) for name, rows in balances.items()}}
    sums = counts.sums(by=user, balances=balances)
    people = urgency.people_by_role()
    own: list[QueueLine] = []
    others: list[QueueLine] = []
    for queue in every_queue():
        may_work = user.has_perm(queue.permission)
        who = urgency.responsible(permission=queue.permission, people=people)
        line = _line(queue, counted, sums.get(queue.name, []), at=at, may_work=may_work, who=who)
        (own if may_work else others).append(line)
    who = urgency.responsible(permission=integrity.PERMISSION, people=people)
    (own if user.has_perm(integrity.PERMISSION) else others).append(_ledger_check(who))
    empty = [line for line in (*own, *others) if line.is_empty]
    return WorkQueues(_ordered(own), _ordered(others), empty, may_work=bool(own))


def _ordered(lines: list[QueueLine]) -> list[QueueLine]:
    """Those with work, the latest first by the time that each may wait."""
    return sorted((line for line in lines if not line.is_empty), key=lambda line: -line.urgency)


def _line(
    queue: Queue,
    counted: Mapping[str, Any],
    amounts: list[tuple[str, Decimal]],
    *,
    at: datetime,
    may_work: bool,
    who: str,
) -> QueueLine:
    since = counted.get(f"{queue.name}_since")
    return QueueLine(
        label=queue.label,
        url=f"{reverse(f'admin:{queue.address}')}{queue.query}",
        count=str(counted[queue.name]),
        waiting=waiting_text(since, now=at),
        amounts=amounts_text(amounts),
        more=[(str(label), reverse(f"admin:{address}")) for label, address in queue.more] if may_work else (),
        responsible=who,
        urgency=urgency.score(queue=queue.name, since=since, now=at),
    )


def _ledger_check(who: str) -> QueueLine:
    """When the ledger was last checked, and the result."""
    last = IntegrityCheck.objects.order_by("-at").first()
    url = reverse("admin:ledger_integritycheck_changelist")
    if last is None:
        return QueueLine(_("Ledger check"), url, _("never"), "", amounts_text([]), responsible=who)
    result = (
        _("in order")
        if last.ok
        else ngettext("%(count)s found", "%(count)s found", len(last.findings)) % {"count": len(last.findings)}
    )
    return QueueLine(_("Ledger check"), url, result, moment_text(last.at), amounts_text([]), responsible=who)
