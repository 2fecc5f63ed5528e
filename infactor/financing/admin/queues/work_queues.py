"""What waits for staff: every queue with how many, since when and how much, those that one's role works off first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from infactor.financing.admin.base.parts import amounts_text, moment_text, waiting_text
from infactor.financing.admin.queues import queues
from infactor.financing.admin.queues.queues import QUEUES, Queue
from infactor.ledger.integrity import MAY_PROVE
from infactor.ledger.models import Proof
from infactor.users.models import User


@dataclass(frozen=True)
class Line:
    """One queue as it is shown."""

    label: str
    url: str
    count: str
    waiting: str
    amounts: SafeString
    more: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Desk:
    """What somebody works off, and what is left to others."""

    mine: Sequence[Line]
    others: Sequence[Line]


def desk(*, by: User, at: datetime) -> Desk:
    """Every queue as it is at the moment `at`, in a fixed number of queries."""
    held = queues.held()
    counted = {**queues.count(by=by, at=at), **{name: len(found) for name, found in held.items()}}
    sums = queues.sums(held=held)
    mine: list[Line] = []
    others: list[Line] = []
    for queue in QUEUES:
        may = by.has_perm(queue.permission)
        (mine if may else others).append(_line(queue, counted, sums, at=at, may=may))
    (mine if by.has_perm(MAY_PROVE) else others).append(_proof())
    return Desk(mine, others)


def _line(
    queue: Queue, counted: Mapping[str, Any], sums: Mapping[str, list[tuple[str, Decimal]]], *, at: datetime, may: bool
) -> Line:
    amounts = sums.get(queue.name, [])
    return Line(
        label=queue.label,
        url=f"{reverse(f'admin:{queue.address}')}{queue.query}",
        count=str(counted[queue.name]),
        waiting=waiting_text(counted.get(f"{queue.name}_since"), now=at),
        amounts=amounts_text(amounts),
        more=[(label, reverse(f"admin:{address}")) for label, address in queue.more] if may else (),
    )


def _proof() -> Line:
    """The last time that the books were proved, and what was found."""
    last = Proof.objects.order_by("-at").first()
    url = reverse("admin:ledger_proof_changelist")
    if last is None:
        return Line("Proof of the books", url, "never", "", amounts_text([]))
    found = "in order" if last.ok else f"{len(last.findings)} found"
    return Line("Proof of the books", url, found, moment_text(last.at), amounts_text([]))
