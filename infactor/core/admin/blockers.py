"""Blockers in words: what became of a row, when and by whom, where a decision about it is not possible."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.formatting import day_text, moment_text
from infactor.core.models import AuditEvent

NO_LONGER_POSSIBLE = gettext_lazy("This is no longer possible: somebody has decided it, or it has changed.")
STATUS_FIELDS = ("status", "state")


def status_blocker(row: Any) -> str:
    """The status of `row`, since when and by whom: "Its status is: settled, since Nov 5, 2026, 10:12 UTC, by Ana."."""
    field = next((name for name in STATUS_FIELDS if _has_choices(row, name)), "")
    if not field:
        return str(NO_LONGER_POSSIBLE)
    said = _("Its status is: %(status)s") % {"status": str(getattr(row, f"get_{field}_display")()).lower()}
    events = AuditEvent.objects.filter(
        subject_type=row._meta.label_lower, subject_id=str(row.pk), event=f"{row._meta.model_name}.{field}"
    )
    event = events.select_related("actor").order_by("-at", "-pk").first()
    return (
        _("%(said)s, since %(at)s, by %(who)s.")
        % {"said": said, "at": moment_text(event.at), "who": event.actor or _("the system")}
        if event
        else f"{said}."
    )


def done_blocker(what: str, *, at: date | datetime, by: object = None) -> str:
    """That somebody has done `what` already: "It was ended on Nov 5, 2026, by Ana."."""
    return _("It was %(what)s on %(at)s, by %(who)s.") % {
        "what": what,
        "at": day_text(at),
        "who": by or _("the system"),
    }


def _has_choices(row: Any, name: str) -> bool:
    try:
        return bool(row._meta.get_field(name).choices)
    except FieldDoesNotExist:
        return False
