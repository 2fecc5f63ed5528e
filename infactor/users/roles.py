"""The roles of staff as groups of Django. Every service that records a decision of staff checks a permission."""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from django.db.models.signals import m2m_changed
from django.dispatch import receiver
from django.utils.translation import gettext

from infactor.core.access import NeedsPermission
from infactor.users.models import User
from infactor.users.permissions import (
    EXCLUSIVE_ROLES,
    OPERATIONS,
    PERMISSIONS_BY_ROLE,
    READ_ONLY,
    UNDERWRITER,
)

__all__ = [
    "EXCLUSIVE_ROLES",
    "OPERATIONS",
    "PERMISSIONS_BY_ROLE",
    "READ_ONLY",
    "UNDERWRITER",
    "ConflictingRoles",
    "NotAllowed",
    "check_roles",
    "require",
]

# Every role may view the models of these apps in admin.
VIEWABLE_APPS = (
    "core",
    "documents",
    "suppliers",
    "invoices",
    "ledger",
    "banking",
    "verification",
    "financing",
    "month_end",
    "correspondence",
    "desk",
    "quickbooks_app",
)


class NotAllowed(NeedsPermission):
    """The user may not do this. Nothing was written."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__("", sentence)


def require(by: User | None, permission: str) -> User:
    """`by`, if they are active staff with `permission` ("app.codename"). Raises NotAllowed for everybody else.

    None, the system, is never allowed: scheduled tasks call services of their own.
    """
    if by is None or not by.is_active or not by.is_staff or not by.has_perm(permission):
        refusal = NotAllowed(gettext("Your role does not allow this."))
        refusal.permission = permission
        raise refusal
    return by


class ConflictingRoles(ValueError):
    """These roles exclude each other; the message says which."""


def check_roles(names: Iterable[str]) -> None:
    """Raise ConflictingRoles if one person may not have all roles of `names`."""
    if set(names) >= EXCLUSIVE_ROLES:
        raise ConflictingRoles(
            f"Nobody is both {' and '.join(sorted(EXCLUSIVE_ROLES))}: who sets a price does not pay it out."
        )


@receiver(m2m_changed, sender=User.groups.through)
def refuse_conflicting_roles(
    sender: Any, instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any
) -> None:
    """Wherever code adds somebody to a group. The database refuses it, too, for what does not pass here."""
    if action != "pre_add" or not pk_set:
        return
    if not reverse:
        names = set(Group.objects.filter(pk__in=pk_set).values_list("name", flat=True))
        check_roles(names | set(instance.groups.values_list("name", flat=True)))
        return
    for user in User.objects.filter(pk__in=pk_set):
        check_roles({instance.name, *user.groups.values_list("name", flat=True)})


def set_up_groups(*, app_config: AppConfig | None = None, **kwargs: Any) -> None:
    """Create the groups and set their permissions. Members are left alone.

    Runs after every migration (`post_migrate`), once all apps have their permissions: for the last app only.
    """
    if app_config is not None and app_config is not _last_app_with_models():
        return
    readable = Permission.objects.filter(content_type__app_label__in=VIEWABLE_APPS, codename__startswith="view_")
    for name, permissions in PERMISSIONS_BY_ROLE.items():
        named = Q()
        for permission in permissions:
            app, codename = permission.split(".")
            named |= Q(content_type__app_label=app, codename=codename)
        group, _ = Group.objects.get_or_create(name=name)
        wanted = set(readable) | (set(Permission.objects.filter(named)) if permissions else set())
        if set(group.permissions.all()) != wanted:
            group.permissions.set(wanted)


def _last_app_with_models() -> AppConfig:
    return [config for config in apps.get_app_configs() if config.models_module is not None][-1]
