"""The roles of staff: three groups of permissions. Every service that records a decision of staff checks one.

Each app declares its permissions in `Meta.permissions`; this module assigns them to roles.
"""

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Q

from infactor.users.models import User

UNDERWRITER, OPERATIONS, READ_ONLY = "Underwriter", "Operations", "Read-only"

# Underwriters decide who is financed and at what price. Operations move and record the money. No role does both.
PERMISSIONS_BY_ROLE: dict[str, tuple[str, ...]] = {
    UNDERWRITER: (
        "suppliers.decide_application",
        "suppliers.publish_agreement",
        "invoices.join_debtors",
        "verification.record_answer",
        "financing.set_terms",
        "financing.set_limits",
        "financing.override_rules",
        "financing.price_requests",
        "financing.resolve_disputes",
        "financing.approve_money_out",
    ),
    OPERATIONS: (
        "suppliers.confirm_bank_account",
        "verification.record_answer",
        "financing.fund_advances",
        "financing.record_collections",
        "financing.handle_notices",
        "financing.settle_advances",
        "financing.resolve_disputes",
        "financing.approve_money_out",
        "ledger.verify_ledger",
    ),
    READ_ONLY: (),
}
# Every role may view the models of these apps in admin.
VIEWABLE_APPS = (
    "core",
    "suppliers",
    "invoices",
    "ledger",
    "verification",
    "financing",
    "quickbooks_app",
)


class NotAllowed(PermissionDenied):
    """The user may not do this. Nothing was written."""


def require(by: User | None, permission: str) -> User:
    """`by`, if they are active staff with `permission` ("app.codename"). Raises NotAllowed for everybody else.

    None, the system, is never allowed: scheduled tasks call services of their own.
    """
    if by is None or not by.is_active or not by.is_staff or not by.has_perm(permission):
        raise NotAllowed("Your role does not allow this.")
    return by


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
