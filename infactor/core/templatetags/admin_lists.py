"""Template tags of staff's lists and pages: the active filters, and breadcrumbs to the page before."""

from typing import Any, NamedTuple

from django import template
from django.contrib.admin.views.main import ChangeList
from django.urls import Resolver404, resolve, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

register = template.Library()


class Breadcrumb(NamedTuple):
    """One link of the breadcrumbs."""

    label: str
    url: str


@register.simple_tag
def active_filters(cl: ChangeList) -> list[str]:
    """The labels of the filters that are set: ["Funded"]."""
    found = []
    for spec in cl.filter_specs:
        choices: list[Any] = list(spec.choices(cl))
        found += [str(one["display"]) for one in choices[1:] if one["selected"]]
    return found


@register.simple_tag
def breadcrumbs_to(address: str, label: str = "") -> list[Breadcrumb]:
    """Links to the list and to the row of an admin address, by name; `label` names any other page but the home page."""
    try:
        match = resolve(address.split("?")[0])
    except Resolver404:
        return [Breadcrumb(label or _("Back"), address)]
    if match.view_name == "admin:index":
        return []  # every page begins with it
    model_admin = getattr(match.func, "model_admin", None)
    if model_admin is None:
        return [Breadcrumb(label or _("Back"), address)]
    opts = model_admin.opts
    changelist = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    url = address if address.startswith(changelist + "?") else changelist
    steps = [Breadcrumb(capfirst(opts.verbose_name_plural), url)]
    if "object_id" in match.kwargs:
        steps.append(Breadcrumb(capfirst(f"{opts.verbose_name} {match.kwargs['object_id']}"), address))
    return steps
