"""The template tag of the work queues on the home page of staff."""

from typing import Any

from django import template
from django.utils import timezone

from infactor.financing.admin.queues import home
from infactor.suppliers.access import signed_in_user

register = template.Library()


@register.simple_tag(takes_context=True)
def work_queues(context: dict[str, Any]) -> home.WorkQueues | None:
    """The work queues of the signed-in user; None for users who may not read financing."""
    request = context["request"]
    if not request.user.has_perm("financing.view_advance"):
        return None
    return home.work_queues(user=signed_in_user(request), at=timezone.now())
