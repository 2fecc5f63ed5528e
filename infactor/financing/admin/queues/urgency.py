"""What hurts first: how long work of each queue may wait, and who is responsible for it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from infactor.users.models import User
from infactor.users.permissions import PERMISSIONS_BY_ROLE

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
USUAL = DAY
# How long something may wait before it is late, by the name of its queue. Money that leaves or is stuck comes first.
MAY_WAIT: Mapping[str, timedelta] = {
    "to_approve": 4 * HOUR,
    "to_send": 4 * HOUR,
    "overdrawn": 4 * HOUR,
    "accepted": 8 * HOUR,
    "approvals": 8 * HOUR,
    "requests": 8 * HOUR,
    "returned": 8 * HOUR,
    "messages": 8 * HOUR,
    "bookkeeping": 2 * DAY,
    "closings": 2 * DAY,
    "debits": 2 * DAY,
    "sent": 3 * DAY,
    "disputes": 3 * DAY,
    "sent_payments": 3 * DAY,
    "notices": 3 * DAY,
    "unanswered": 3 * DAY,
    "due": 7 * DAY,
    "missing_checks": 7 * DAY,
    "offers": 7 * DAY,
    "on_hold": 7 * DAY,
    "suspended": 7 * DAY,
    "debtors": 14 * DAY,
    "vendors": 14 * DAY,
    "expiring_checks": 400 * DAY,  # since the check was made: it is in the queue before its end
}


def score(*, queue: str, since: datetime | None, now: datetime) -> float:
    """The age of the oldest, in parts of the time that it may wait: above 1 it is late. 0 where there is no age."""
    if since is None:
        return 0
    return (now - since) / MAY_WAIT.get(queue, USUAL)


def people_by_role() -> dict[str, list[str]]:
    """The active staff of each role, by their addresses. One query."""
    found: dict[str, list[str]] = {}
    rows = User.objects.filter(is_active=True, is_staff=True, groups__name__in=PERMISSIONS_BY_ROLE).order_by("email")
    for role, email in rows.values_list("groups__name", "email"):
        found.setdefault(role, []).append(email)
    return found


def responsible(*, permission: str, people: Mapping[str, Sequence[str]]) -> str:
    """Whose work it is: the role, and the person where it is one alone."""
    roles = [role for role, given in PERMISSIONS_BY_ROLE.items() if permission in given]
    return _(" or ").join(_named(role, people.get(role, ())) for role in roles) or _("Administrator")


def _named(role: str, people: Sequence[str]) -> str:
    if len(people) == 1:
        return f"{role} ({people[0]})"
    if not people:
        return _("%(role)s (nobody)") % {"role": role}
    return ngettext("%(role)s (%(count)s)", "%(role)s (%(count)s)", len(people)) % {"role": role, "count": len(people)}
