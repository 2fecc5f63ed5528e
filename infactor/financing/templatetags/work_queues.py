"""What waits for staff, for the home page of admin."""

from typing import Any

from django import template
from django.utils import timezone

from infactor.financing.admin.queues.work_queues import Desk, desk
from infactor.suppliers.access import person

register = template.Library()


@register.simple_tag(takes_context=True)
def staff_desk(context: dict[str, Any]) -> Desk | None:
    """The queues of who is signed in; nothing for those who may not read financing."""
    request = context["request"]
    if not request.user.has_perm("financing.view_advance"):
        return None
    return desk(by=person(request), at=timezone.now())
