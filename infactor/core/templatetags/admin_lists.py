"""What staff's lists and pages say of themselves: which filters are set, and the way back."""

from typing import Any, NamedTuple

from django import template
from django.contrib.admin.views.main import ChangeList
from django.urls import Resolver404, resolve, reverse
from django.utils.text import capfirst

register = template.Library()


class Step(NamedTuple):
    """One step of the way back."""

    label: str
    url: str


@register.simple_tag
def chosen_filters(cl: ChangeList) -> list[str]:
    """The filters that are set, in words: ["Funded"]."""
    found = []
    for spec in cl.filter_specs:
        choices: list[Any] = list(spec.choices(cl))
        found += [str(one["display"]) for one in choices[1:] if one["selected"]]
    return found


@register.simple_tag
def way_back(address: str, label: str = "") -> list[Step]:
    """The list and the page of the row that an address of admin leads to, by name; `label` names any other page."""
    try:
        match = resolve(address.split("?")[0])
    except Resolver404:
        return [Step(label or "Back", address)]
    shown_by = getattr(match.func, "model_admin", None)
    if shown_by is None:
        return [Step(label or "Back", address)]
    opts = shown_by.opts
    listed = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    steps = [Step(capfirst(opts.verbose_name_plural), address if address.startswith(listed + "?") else listed)]
    if "object_id" in match.kwargs:
        steps.append(Step(capfirst(f"{opts.verbose_name} {match.kwargs['object_id']}"), address))
    return steps
