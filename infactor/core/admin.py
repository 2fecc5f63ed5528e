"""What every admin page shares: facts that are read-only, and the audit trail."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from infactor.core.models import AuditEvent


class ReadOnlyAdmin(admin.ModelAdmin):
    """For facts: staff read them, nobody edits, adds or deletes them by hand."""

    list_per_page = 50
    show_full_result_count = False
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "event", "actor", "subject_type", "subject_id", "reason")
    list_filter = ("event",)
    list_select_related = ("actor",)
    search_fields = ("subject_id", "event", "reason")
    date_hierarchy = "at"
