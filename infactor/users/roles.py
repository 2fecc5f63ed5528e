"""What people at infactor may do: three roles, each a group of permissions, asked for wherever somebody decides.

The permissions are declared by the apps that they guard (`Meta.permissions`); here stands who has which.
"""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Q

from infactor.users.models import User

UNDERWRITER, OPERATIONS, READ_ONLY = "Underwriter", "Operations", "Read-only"

# Underwriters decide who is financed and at what price; operations move and record the money. Nobody does both.
MAY: dict[str, tuple[str, ...]] = {
    UNDERWRITER: (
        "suppliers.decide_application",
        "suppliers.publish_agreement",
        "invoices.join_debtors",
        "verification.record_answer",
        "financing.set_terms",
        "financing.set_limits",
        "financing.override_rules",
        "financing.price_requests",
        "financing.judge_disputes",
        "financing.approve_money_out",
    ),
    OPERATIONS: (
        "suppliers.confirm_bank_account",
        "verification.record_answer",
        "financing.fund_advances",
        "financing.record_collections",
        "financing.settle_advances",
        "financing.judge_disputes",
        "financing.approve_money_out",
        "ledger.prove_books",
    ),
    READ_ONLY: (),
}
# Every role reads what these apps show in admin.
READ_BY_ALL = (
    "core",
    "suppliers",
    "invoices",
    "ledger",
    "verification",
    "financing",
    "quickbooks_app",
)


class NotAllowed(PermissionDenied):
    """Whoever asked may not do this; nothing was written."""


def require(by: User | None, permission: str) -> User:
    """`by`, if they are active staff with `permission` ("app.codename"). Raises NotAllowed for everybody else.

    None, the house itself, is nobody here: what the clock may do has services of its own.
    """
    if by is None or not by.is_active or not by.is_staff or not by.has_perm(permission):
        raise NotAllowed("Your role does not allow this.")
    return by


def set_up_groups(**kwargs: Any) -> None:
    """Make the three groups what MAY says, after every migration (`post_migrate`). Membership is left alone."""
    readable = Permission.objects.filter(content_type__app_label__in=READ_BY_ALL, codename__startswith="view_")
    for name, permissions in MAY.items():
        named = Q()
        for permission in permissions:
            app, codename = permission.split(".")
            named |= Q(content_type__app_label=app, codename=codename)
        group, _ = Group.objects.get_or_create(name=name)
        wanted = set(readable) | (set(Permission.objects.filter(named)) if permissions else set())
        if set(group.permissions.all()) != wanted:
            group.permissions.set(wanted)
