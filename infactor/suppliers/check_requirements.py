"""Which onboarding checks approval needs, and from which day suppliers that are approved already need them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from infactor.core import audit, reasons
from infactor.core.business_day import business_day
from infactor.suppliers.check_catalogue import ITEMS
from infactor.suppliers.models import CheckRequirement
from infactor.users import roles
from infactor.users.models import User

SET_REQUIREMENTS = "financing.set_terms"
LONGEST_GRACE_DAYS = 365


class InvalidRequirement(ValueError):
    """What approval needs cannot be changed so; the message says why."""


def require_change(*, kind: str, is_required: bool, grace_days: int) -> None:
    """Raise InvalidRequirement unless this would change what approval needs."""
    if kind not in ITEMS:
        raise InvalidRequirement(_("Choose a check from the list."))
    if not 0 <= grace_days <= LONGEST_GRACE_DAYS:
        raise InvalidRequirement(
            _("Give approved suppliers 0 to %(longest_grace_days)s days.") % {"longest_grace_days": LONGEST_GRACE_DAYS}
        )
    if requirements()[kind] == is_required:
        raise InvalidRequirement(_("It is so already."))


def set_requirement(
    *,
    kind: str,
    is_required: bool,
    reason: str,
    grace_days: int = 0,
    by: User | None,
    approver: User | None = None,
    at: datetime,
) -> CheckRequirement:
    """Say whether approval needs checks of `kind` from now on.

    Suppliers that are approved without such a check are financed for `grace_days` more; 0: they are stopped at once.
    Dropping a check takes a second person. Raises InvalidRequirement, reasons.ReasonMissing, and roles.NotAllowed
    without `financing.set_terms`.
    """
    user = roles.require(by, SET_REQUIREMENTS)
    said = reasons.require_reason(reason)
    require_change(kind=kind, is_required=is_required, grace_days=grace_days)
    if not is_required and (approver is None or approver.pk == user.pk):
        raise InvalidRequirement(_("A second person must approve that approval needs this check no longer."))
    row = CheckRequirement.objects.create(
        kind=kind,
        is_required=is_required,
        enforced_from=business_day(at) + timedelta(days=grace_days) if is_required else None,
        reason=said,
        set_by=user,
        approved_by=approver,
        set_at=at,
    )
    audit.record(
        event="checkrequirement.set",
        subject=row,
        by=user,
        at=at,
        reason=said,
        details={
            "kind": kind,
            "is_required": is_required,
            "enforced_from": row.enforced_from and row.enforced_from.isoformat(),
            "approver": approver and approver.pk,
        },
    )
    return row


def requirements() -> Mapping[str, bool]:
    """Whether approval needs each kind of check; all of them until staff say otherwise."""
    return {**dict.fromkeys(ITEMS, True), **{kind: row.is_required for kind, row in _newest().items()}}


def enforced(*, on: date) -> dict[str, bool]:
    """Each kind that approval needs: whether an approved supplier, too, is stopped on `on` for a lapsed or missing one.

    Until staff change a requirement, a lapsed check stops suppliers, and approval has seen to it that none is missing.
    """
    newest = _newest()
    found = {}
    for kind in ITEMS:
        row = newest.get(kind)
        if row is None or row.is_required:
            found[str(kind)] = row is None or row.enforced_from is None or row.enforced_from <= on
    return found


def _newest() -> dict[str, CheckRequirement]:
    rows = CheckRequirement.objects.order_by("kind", "-pk").distinct("kind")
    return {row.kind: row for row in rows}
