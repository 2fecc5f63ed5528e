"""Base classes of every admin page: read-only facts, audited changes, and tables below the fields."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db import models
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from infactor.core import audit
from infactor.core.admin.tables import Table


class AuditLogMixin(admin.ModelAdmin):
    """Replaces Django's "History" of a row by its audit log: Django's own knows changes by hand only."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow filters by shown columns only: by a hidden one somebody could guess its value sign by sign."""
        name = lookup.split(LOOKUP_SEP)[0]
        columns = {one.name for one in self.opts.get_fields() if one.name != "id"}
        is_hidden = name in columns and name not in self._shown_names(request)
        return not is_hidden and super().lookup_allowed(lookup, value, request)

    def _shown_names(self, request: HttpRequest) -> set[str]:
        filters = [one[0] if isinstance(one, tuple) else one for one in self.get_list_filter(request)]
        names = [*flatten_fieldsets(self.get_fieldsets(request)), *self.get_list_display(request), self.date_hierarchy]
        return {str(getattr(one, "parameter_name", one)) for one in (*names, *filters)}

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        row = self.get_object(request, object_id)
        if row is None or not request.user.has_perm("core.view_auditevent"):
            return super().history_view(request, object_id, extra_context)
        query = urlencode({"subject_type": self.opts.label_lower, "subject_id": row.pk})
        return HttpResponseRedirect(f"{reverse('admin:core_auditevent_changelist')}?{query}")


class AuditedAdmin(AuditLogMixin):
    """For rows that staff may change: the audit log gets the names of the changed fields, not their values."""

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        self._record(request, obj, "added", message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        self._record(request, obj, "changed", message)
        return super().log_change(request, obj, message)

    def _record(self, request: HttpRequest, obj: models.Model, verb: str, message: Any) -> None:
        audit.record(
            event=f"{obj._meta.model_name}.{verb}_by_staff",
            subject=obj,
            by=request.user,
            at=timezone.now(),
            details={"fields": _changed_fields(message)},
        )


def _changed_fields(message: Any) -> list[str]:
    """Names of the fields in Django's change message: `[{"changed": {"name": …, "fields": […]}}]`."""
    parts: list[dict[str, Any]] = [next(iter(entry.values()), {}) for entry in message if isinstance(entry, dict)]
    return [f"{part['name']}: {name}" if "name" in part else name for part in parts for name in part.get("fields", [])]


class ReadOnlyInline(admin.TabularInline):
    """Read-only rows that belong to the row above them."""

    extra = 0
    max_num = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(AuditLogMixin):
    """For facts: staff read them; nobody edits, adds or deletes them by hand."""

    list_per_page = 50
    show_full_result_count = False
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def related_tables(self, row: Any) -> Sequence[Table]:
        """The tables below the fields of `row`."""
        return ()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        row = self.get_object(request, object_id)
        tables = self.related_tables(row) if row is not None and self.has_view_permission(request, row) else ()
        return super().change_view(request, object_id, form_url, {"related_tables": tables, **(extra_context or {})})
