"""The template tag of the reader's own tasks on the home page of staff."""

from typing import Any

from django import template
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from infactor.core.admin.formatting import link
from infactor.core.admin.tables import Table
from infactor.core.business_day import business_day
from infactor.desk import assignments
from infactor.desk.admin.base import about_text, with_subjects
from infactor.desk.admin.tasks import due_text
from infactor.desk.rights import WORK_ON_TASKS
from infactor.suppliers.access import signed_in_user

register = template.Library()
SHOWN = 15


@register.simple_tag(takes_context=True)
def my_tasks(context: dict[str, Any]) -> Table | None:
    """The tasks of the signed-in user and of the role, overdue first; None for users who work on none."""
    request = context["request"]
    if not request.user.has_perm(WORK_ON_TASKS):
        return None
    user = signed_in_user(request)
    waiting = assignments.waiting_for(user)
    rows, today = with_subjects(waiting[:SHOWN], by=user), business_day(timezone.now())
    counted = waiting.order_by().aggregate(all=Count("pk"), overdue=Count("pk", filter=Q(due_on__lt=today)))
    count, overdue = counted["all"], counted["overdue"]
    caption = _("My tasks: %(count)s, %(overdue)s overdue") if overdue else _("My tasks: %(count)s")
    return Table(
        caption=caption % {"count": count, "overdue": overdue} if count else _("My tasks"),
        columns=(_("Task"), _("Due"), _("About"), _("Who")),
        rows=[(link(one), due_text(one), about_text(one), one.owner_text) for one in rows],
        empty=_("Nothing waits for you."),
    )
