"""Filters that several financing lists of staff share."""

from django.utils.translation import gettext_lazy as _

from infactor.core.admin.filters import YesNoFilter


class InForceFilter(YesNoFilter):
    """Limits and overrides in force, and those that have ended."""

    title = _("status")
    parameter_name = "in_force"
    yes, no = _("In force"), _("Ended")
