"""Which mails a person may get by the role, and which of them the person chose."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from infactor.core import audit
from infactor.core.staff_alerts import Kind
from infactor.desk.models import MailChoice
from infactor.desk.rights import WORK_ON_TASKS, staff_with
from infactor.financing.admin.queues.definitions import every_queue
from infactor.users.models import User

# Who works on each kind has this permission. The columns of MailChoice have the names of the kinds.
PERMISSIONS: dict[Kind, str] = {
    Kind.SEVERE_CASE: "financing.resolve_disputes",
    Kind.PAYOUT_RETURNED: "financing.fund_advances",
    Kind.CHECK_FAILED: "ledger.verify_ledger",
    Kind.SYNC_FAILED: "financing.resolve_disputes",
    Kind.PAYMENTS_UNMATCHED: "financing.record_collections",
    Kind.HOUSE_ACCOUNTS: "banking.keep_house_accounts",
    Kind.SUPPLIER_WROTE: "correspondence.answer_suppliers",
}
DIGEST = "digest"


@dataclass(frozen=True)
class Choices:
    """What a person may get, by the names of the columns of MailChoice, and whether it is wanted."""

    wanted: dict[str, bool]


def choices_of(user: User) -> Choices:
    """The kinds that the role of `user` works on, each with the choice; nothing for who works on no queue."""
    row = MailChoice.objects.filter(user=user).first() or MailChoice(user=user)
    names = [kind.value for kind, permission in PERMISSIONS.items() if user.has_perm(permission)]
    if works_on_something(user):
        names = [DIGEST, *names]
    return Choices({name: getattr(row, name) for name in names})


def choose(*, user: User, wanted: dict[str, bool], at: datetime) -> None:
    """Store what `user` wants; only of what the role allows. Audited."""
    allowed = choices_of(user).wanted
    changes = {name: value for name, value in wanted.items() if name in allowed}
    with transaction.atomic():
        row, _ = MailChoice.objects.update_or_create(user=user, defaults=changes)
        audit.record(event="mails.chosen", subject=row, by=user, at=at, details=changes)


def works_on_something(user: User) -> bool:
    """Whether anything can wait for `user`: a queue, or tasks."""
    return user.has_perm(WORK_ON_TASKS) or any(user.has_perm(queue.permission) for queue in every_queue())


def who_wants(kind: Kind, *, person_id: int | None = None) -> "QuerySet[User]":
    """The staff whose role works on `kind` and who have not switched it off; only `person_id` where one is responsible.

    Where that person does not work on it any more, all who do.
    """
    able = staff_with(PERMISSIONS[kind])
    if person_id is not None and able.filter(pk=person_id).exists():
        able = able.filter(pk=person_id)
    off = MailChoice.objects.filter(**{kind.value: False}).values("user")
    return able.exclude(pk__in=off)


def who_wants_digests() -> "QuerySet[User]":
    """All active staff but those who have switched the digest off."""
    off = MailChoice.objects.filter(digest=False).values("user")
    staff: QuerySet[User] = User.objects.filter(is_active=True, is_staff=True)
    return staff.exclude(pk__in=off).order_by("pk")
