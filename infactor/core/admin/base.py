"""What every admin page shares: facts that are read-only, changes that are audited, and mails."""

import re
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db import models
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from infactor.core import audit, money


def amount_text(amount: Decimal | None, currency: str) -> SafeString:
    """An amount as people read it, kept in one line and to the right."""
    shown = "cannot be read" if amount is None else money.text(amount, currency)
    return format_html('<bdi class="money">{}</bdi>', shown)


def figure_text(figure: object, unit: str = "") -> SafeString:
    """A number that is no amount (a count, days, a share with "%" as its unit), to the right as amounts are."""
    shown = f"{figure.normalize():f}" if isinstance(figure, Decimal) else f"{figure}"
    return format_html('<span class="figure">{}</span>', f"{shown} {unit}".strip())


def whether(title: str, *, no: str, yes: str) -> type[admin.EmptyFieldListFilter]:
    """A filter by whether a field is filled in, in words: admin's own says "Empty" and "Not empty"."""

    class Whether(admin.EmptyFieldListFilter):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.title = title

        def choices(self, changelist: Any) -> Any:
            for choice, words in zip(super().choices(changelist), ("All", no, yes), strict=True):
                yield {**choice, "display": f"{words}{_count_of(choice)}"}

    return Whether


def _count_of(choice: Any) -> str:
    """The count that stands behind the words where counts are shown."""
    return "".join(re.findall(r" \(\d+\)$", str(choice["display"])))


class WithTrail(admin.ModelAdmin):
    """Its "History" is the audit trail of the row, which knows everything; admin's own knows changes by hand only."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Only by what stands on the page: by a hidden column one could guess, sign by sign, what is in it."""
        name = lookup.split(LOOKUP_SEP)[0]
        columns = {one.name for one in self.opts.get_fields() if one.name != "id"}
        is_hidden = name in columns and name not in self._shown(request)
        return not is_hidden and super().lookup_allowed(lookup, value, request)

    def _shown(self, request: HttpRequest) -> set[str]:
        filters = [one[0] if isinstance(one, tuple) else one for one in self.get_list_filter(request)]
        names = [*flatten_fieldsets(self.get_fieldsets(request)), *self.get_list_display(request), self.date_hierarchy]
        return {str(getattr(one, "parameter_name", one)) for one in (*names, *filters)}

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        row = self.get_object(request, object_id)
        if row is None or not request.user.has_perm("core.view_auditevent"):
            return super().history_view(request, object_id, extra_context)
        asked = urlencode({"subject_type": self.opts.label_lower, "subject_id": row.pk})
        return HttpResponseRedirect(f"{reverse('admin:core_auditevent_changelist')}?{asked}")


class AuditedAdmin(WithTrail):
    """For what staff may change: each change is in the audit trail with the names of its fields, not their values."""

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
            details={"fields": _fields(message)},
        )


def _fields(message: Any) -> list[str]:
    """Names of the fields in admin's own change message: `[{"changed": {"name": …, "fields": […]}}]`."""
    parts: list[dict[str, Any]] = [next(iter(entry.values()), {}) for entry in message if isinstance(entry, dict)]
    return [f"{part['name']}: {name}" if "name" in part else name for part in parts for name in part.get("fields", [])]


class ReadOnlyInline(admin.TabularInline):
    """Facts that belong to the fact above them: shown below it, and as little to be changed."""

    extra = 0
    max_num = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(WithTrail):
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
