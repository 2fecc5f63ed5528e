"""Tasks of staff: added, taken over, handed on, done or dropped. Every step is audited."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Model, Q, QuerySet

from infactor.core import audit
from infactor.core.business_day import business_day
from infactor.core.plain_text import to_plain_text
from infactor.core.reasons import ReasonMissing, require_reason
from infactor.core.transitions import move
from infactor.desk import rights, subjects
from infactor.desk.models import TASK_TRANSITIONS, Promise, Task
from infactor.desk.rights import WORK_ON_TASKS, DeskError
from infactor.users import roles
from infactor.users.models import User
from infactor.users.permissions import OPERATIONS

CLOSED = "This task is not open any more."


@dataclass(frozen=True)
class Owner:
    """Who does a task: a person, or anybody of a role."""

    user: User | None = None
    role: str = ""

    def __str__(self) -> str:
        return f"anybody of {self.role}" if self.user is None else self.user.email


def add(
    *, title: str, due_on: date, owner: Owner, by: User, at: datetime, details: str = "", about: Model | None = None
) -> Task:
    """Add a task, about a row or about none. Raises NotAllowed, UnknownSubject, DeskError."""
    roles.require(by, WORK_ON_TASKS)
    clean = to_plain_text(title, multiline=False)
    if not clean:
        raise DeskError("Say what is to be done.")
    _check_day(due_on, at=at)
    _check_owner(owner, kind=Task.Kind.GENERAL)
    label, pk = ("", None) if about is None else subjects.key_of(about)
    with transaction.atomic():
        task = Task.objects.create(
            subject_type=label,
            subject_id=pk,
            supplier=None if about is None else subjects.supplier_of(about),
            title=clean[:200],
            details=to_plain_text(details),
            owner=owner.user,
            role=owner.role,
            due_on=due_on,
            added_by=by,
            added_at=at,
        )
        _record(task, "added", by=by, at=at)
    return task


def add_for_broken_promise(*, promise: Promise, title: str, at: datetime) -> Task | None:
    """The task that follows from a broken promise, once; None if there is one. For the daily job.

    It goes to whoever recorded the promise, or to operations where that person collects no longer.
    """
    recorder = promise.recorded_by
    may = rights.may_own(recorder, kind=Task.Kind.BROKEN_PROMISE)
    about = promise.debtor or promise.buyer
    if about is None:
        raise ValueError("A promise is that of a debtor or of a buyer.")
    label, pk = subjects.key_of(about)
    with transaction.atomic():
        task, is_new = Task.objects.get_or_create(
            promise=promise,
            defaults={
                "kind": Task.Kind.BROKEN_PROMISE,
                "subject_type": label,
                "subject_id": pk,
                "supplier": subjects.supplier_of(about),
                "title": title[:200],
                "owner": recorder if may else None,
                "role": "" if may else OPERATIONS,
                "due_on": business_day(at),
                "added_at": at,
            },
        )
        if is_new:
            _record(task, "added", by=None, at=at)
    return task if is_new else None


def take(*, task: Task, by: User, at: datetime) -> Task:
    """Take over a task of one's role, or of somebody else. Raises NotAllowed, DeskError."""
    return reassign(task=task, owner=Owner(by), due_on=task.due_on, by=by, at=at, event="taken")


def reassign(*, task: Task, owner: Owner, due_on: date, by: User, at: datetime, event: str = "reassigned") -> Task:
    """Give a task to a person or a role, due on another day or the same. Raises NotAllowed, DeskError."""
    roles.require(by, WORK_ON_TASKS)
    with transaction.atomic():
        locked = _lock_open(task)
        if due_on != locked.due_on:
            _check_day(due_on, at=at)
        _check_owner(owner, kind=locked.kind)
        before = {"owner": locked.owner_id, "role": locked.role, "due": locked.due_on.isoformat()}
        locked.owner, locked.role, locked.due_on = owner.user, owner.role, due_on
        locked.save(update_fields=["owner", "role", "due_on", "updated_at"])
        _record(locked, event, by=by, at=at, before=before)
        return locked


def finish(*, task: Task, by: User, at: datetime) -> Task:
    """The task is done. Raises NotAllowed, TransitionNotAllowed if it is closed, DeskError."""
    return _end(task, to=Task.Status.DONE, reason="", by=by, at=at)


def drop(*, task: Task, reason: str, by: User, at: datetime) -> Task:
    """Nobody has to do it any more. Raises NotAllowed, TransitionNotAllowed, DeskError without a reason."""
    try:
        why = require_reason(reason)
    except ReasonMissing as missing:
        raise DeskError(str(missing)) from missing
    return _end(task, to=Task.Status.DROPPED, reason=why[:500], by=by, at=at)


def drop_by_itself(*, task: Task, reason: str, at: datetime) -> Task:
    """The daily job drops a task that has no cause any more."""
    changes = {"reason": reason, "closed_at": at}
    return move(
        task, to=Task.Status.DROPPED, transitions=TASK_TRANSITIONS, by=None, at=at,
        supplier_id=task.supplier_id, reason=reason, changes=changes,
    )  # fmt: skip


def return_to_role(*, at: datetime) -> int:
    """Give open tasks whose owner has left, or has another role, to anybody of a role. Returns how many."""
    count = 0
    for task in Task.objects.filter(status=Task.Status.OPEN, owner__isnull=False).select_related("owner"):
        if task.owner is None or rights.may_own(task.owner, kind=task.kind):
            continue
        allowed = rights.roles_for(kind=task.kind)
        theirs = [role for role in rights.roles_of(task.owner) if role in allowed]
        with transaction.atomic():
            locked = Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
            if not locked.is_open or locked.owner_id != task.owner_id:
                continue
            before = {"owner": locked.owner_id, "role": "", "due": locked.due_on.isoformat()}
            locked.owner, locked.role = None, next(iter([*theirs, OPERATIONS]))
            locked.save(update_fields=["owner", "role", "updated_at"])
            _record(locked, "returned_to_role", by=None, at=at, before=before)
            count += 1
    return count


def visible_to(user: User) -> "QuerySet[Task]":
    """The tasks about no row, and about rows that `user` may see."""
    return Task.objects.filter(subject_type__in=["", *subjects.visible_types(user)])


def waiting_for(user: User) -> "QuerySet[Task]":
    """What `user` has to do, then what anybody of the role may take; of each the longest due first."""
    theirs = Q(owner=user) | Q(owner__isnull=True, role__in=rights.roles_of(user))
    rows = visible_to(user).filter(theirs, status=Task.Status.OPEN).select_related("owner", "promise")
    return rows.order_by("due_on", "pk")


def tasks_about(row: Model, *, by: User) -> "QuerySet[Task]":
    """The tasks about a row that `by` may see: the open ones first."""
    label, pk = subjects.key_of(row)
    rows = visible_to(by).filter(subject_type=label, subject_id=pk).select_related("owner", "promise")
    return rows.order_by(F("closed_at").desc(nulls_first=True), "due_on", "pk")


def _end(task: Task, *, to: str, reason: str, by: User, at: datetime) -> Task:
    roles.require(by, WORK_ON_TASKS)
    if not rights.may_own(by, kind=task.kind):
        raise DeskError("Your role does not do this work: somebody else ends this task.")
    return move(
        task, to=to, transitions=TASK_TRANSITIONS, by=by, at=at, supplier_id=task.supplier_id, reason=reason,
        changes={"reason": reason, "closed_by": by, "closed_at": at},
    )  # fmt: skip


def _lock_open(task: Task) -> Task:
    locked = Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if not locked.is_open:
        raise DeskError(CLOSED)
    return locked


def _check_day(day: date, *, at: datetime) -> None:
    if day < business_day(at):
        raise DeskError("The due day has passed. Choose today or later.")


def _check_owner(owner: Owner, *, kind: str) -> None:
    if owner.user is None:
        if owner.role not in rights.roles_for(kind=kind):
            raise DeskError("Choose a person, or a role whose people may do this.")
    elif owner.role or not rights.may_own(owner.user, kind=kind):
        raise DeskError("This person may not do this work. Choose somebody else.")


def _record(
    task: Task, what: str, *, by: User | None, at: datetime, before: Mapping[str, object] | None = None
) -> None:
    """Without title and details, which may name people."""
    now = {"owner": task.owner_id, "role": task.role, "due": task.due_on.isoformat()}
    audit.record(
        event=f"task.{what}",
        subject=task,
        by=by,
        at=at,
        supplier_id=task.supplier_id,
        details={**now, **({} if before is None else {"before": before})},
    )
