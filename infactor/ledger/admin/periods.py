"""Closed months in admin, read-only. Months are closed and reopened on the page of month end."""

from django.contrib import admin

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.ledger.models import PeriodClosing


@admin.register(PeriodClosing)
class PeriodClosingAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "closed_by", "closed_at", "reopened_by", "reopened_at", "reopening_reason")
    list_select_related = ("closed_by", "reopened_by")
    date_hierarchy = "month"
    fields = (
        "month",
        "closed_by",
        "closed_at",
        "reopened_by",
        "reopening_approved_by",
        "reopened_at",
        "reopening_reason",
    )
