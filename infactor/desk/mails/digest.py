"""The digest: each morning one mail to each of staff for whom something waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.template.loader import render_to_string
from django.urls import reverse

from infactor.core import languages, staff_alerts
from infactor.core.admin.formatting import waiting_text
from infactor.core.business_day import business_day, business_zone
from infactor.core.email import outbox
from infactor.desk import assignments
from infactor.desk.mails import choices
from infactor.desk.models import Digest, Task
from infactor.desk.rights import COLLECT
from infactor.financing.admin.queues import counts
from infactor.financing.admin.queues.definitions import every_queue
from infactor.users.models import User

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class QueueOfDigest:
    """One queue in which something waits: how many, since when, and the amounts by currency."""

    label: str
    count: int
    waiting: str
    amounts: Sequence[tuple[str, Decimal]]


@dataclass(frozen=True)
class Content:
    """What a digest says. Tasks are counted, not named: their titles may name people."""

    queues: Sequence[QueueOfDigest]
    tasks_overdue: int
    tasks_today: int
    broken_promises: int
    broken_amounts: Sequence[tuple[str, Decimal]]

    @property
    def is_empty(self) -> bool:
        return not (self.queues or self.tasks_overdue or self.tasks_today or self.broken_promises)


def send_due(*, at: datetime) -> int:
    """Send today's digest to everybody who has not had it, from STAFF_DIGEST_HOUR on. Returns how many were sent.

    A day on which no worker ran at all has none: what waited then still waits today.
    """
    if at.astimezone(business_zone()).hour < settings.STAFF_DIGEST_HOUR:
        return 0
    day, count = business_day(at), 0
    had = Digest.objects.filter(day=day).values("user")
    for user in choices.who_wants_digests().exclude(pk__in=had):
        if not choices.works_on_something(user):
            continue
        try:
            count += _send(user, day=day, at=at)
        except Exception:
            # The digest of one person must not keep the others from theirs. The next run tries it again.
            log.exception("digest_failed", user=user.pk)
    return count


def content_for(user: User, *, at: datetime) -> Content:
    """What waits for `user` at the moment `at`."""
    today = business_day(at)
    tasks = assignments.waiting_for(user).order_by()
    broken = Task.objects.filter(status=Task.Status.OPEN, kind=Task.Kind.BROKEN_PROMISE)
    if not user.has_perm(COLLECT):
        broken = broken.none()
    amounts = broken.order_by("promise__currency").values_list("promise__currency").annotate(Sum("promise__amount"))
    return Content(
        queues=_queues(user, at=at),
        tasks_overdue=tasks.filter(due_on__lt=today).count(),
        tasks_today=tasks.filter(due_on=today).count(),
        broken_promises=broken.count(),
        broken_amounts=list(amounts),
    )


def _queues(user: User, *, at: datetime) -> list[QueueOfDigest]:
    balances = counts.balances()
    counted = {**counts.count(by=user, at=at), **{name: len(rows) for name, rows in balances.items()}}
    sums = counts.sums(by=user, balances=balances)
    return [
        QueueOfDigest(
            label=str(queue.label),
            count=counted[queue.name],
            waiting=waiting_text(counted.get(f"{queue.name}_since"), now=at),
            amounts=sums.get(queue.name, []),
        )
        for queue in every_queue()
        if counted[queue.name] and user.has_perm(queue.permission)
    ]


def _send(user: User, *, day: date, at: datetime) -> bool:
    """Write the row of the day with its mail. The row is unique, so of two workers one waits, and sends nothing."""
    with transaction.atomic():
        row, is_new = Digest.objects.get_or_create(user=user, day=day, defaults={"prepared_at": at})
        if not is_new:
            return False
        content = content_for(user, at=at)
        if content.is_empty:
            return False
        row.is_sent = True
        row.save(update_fields=["is_sent"])
        context = {
            "content": content,
            "day": day,
            "home": staff_alerts.page_address(reverse("admin:index")),
            "tasks": staff_alerts.page_address(
                f"{reverse('admin:desk_task_changelist')}?whose=mine&status__exact=open"
            ),
            "choices": staff_alerts.page_address(reverse("admin:desk_mails")),
        }
        with languages.writing_in(user.language):
            return outbox.enqueue(
                key=f"desk.digest:{user.pk}:{day:%Y%m%d}",
                to=user.email,
                subject=render_to_string("desk/email/digest_subject.txt", context),
                body=render_to_string("desk/email/digest_message.txt", context),
            )
