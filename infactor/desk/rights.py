"""The permissions of the desk, who may own which task, and the error that its services raise."""

from django.db.models import Q, QuerySet

from infactor.desk.models import Task
from infactor.users.models import User
from infactor.users.permissions import PERMISSIONS_BY_ROLE

WRITE_NOTES = "desk.write_notes"
WORK_ON_TASKS = "desk.work_on_tasks"
COLLECT = "desk.collect_from_buyers"
# What the owner of a task of each kind must be allowed to do.
NEEDED = {Task.Kind.GENERAL: (WORK_ON_TASKS,), Task.Kind.BROKEN_PROMISE: (WORK_ON_TASKS, COLLECT)}


class DeskError(Exception):
    """It cannot be done; the message says why. Nothing was written."""


def may_own(user: User, *, kind: str) -> bool:
    """Whether `user` may do the work of a task of this kind."""
    return user.is_active and user.is_staff and all(user.has_perm(one) for one in NEEDED[Task.Kind(kind)])


def roles_for(*, kind: str) -> list[str]:
    """The roles whose people may do the work of a task of this kind."""
    return [role for role, held in PERMISSIONS_BY_ROLE.items() if set(NEEDED[Task.Kind(kind)]) <= set(held)]


def roles_of(user: User) -> list[str]:
    """The roles that `user` has."""
    return list(user.groups.filter(name__in=PERMISSIONS_BY_ROLE).order_by("name").values_list("name", flat=True))


def staff_with(permission: str) -> "QuerySet[User]":
    """Active staff to whom a group, or a grant in person, gives `permission`."""
    app, codename = permission.split(".")
    granted = Q(groups__permissions__content_type__app_label=app, groups__permissions__codename=codename) | Q(
        user_permissions__content_type__app_label=app, user_permissions__codename=codename
    )
    found: QuerySet[User] = User.objects.filter(granted, is_active=True, is_staff=True)
    return found.distinct().order_by("pk")
