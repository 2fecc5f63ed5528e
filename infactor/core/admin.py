"""What every admin page shares: facts that are read-only, changes that are audited, and the trail itself."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from infactor.core import audit, mails, money
from infactor.core.models import AuditEvent, OutgoingMail


def amount_text(amount: Decimal | None, currency: str) -> SafeString:
    """An amount as people read it, kept in one line and to the right."""
    shown = "cannot be read" if amount is None else money.text(amount, currency)
    return format_html('<bdi class="money">{}</bdi>', shown)


class AuditedAdmin(admin.ModelAdmin):
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


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "key", "to", "subject", "standing", "attempts", "sent_at", "error")
    list_filter = (("sent_at", admin.EmptyFieldListFilter), "error")
    search_fields = ("key", "to", "subject")
    date_hierarchy = "created_at"
    # The body is between infactor and its reader: it may hold links that work for whoever has them.
    fields = ("key", "to", "subject", "supplier_id", "created_at", "attempts", "not_before", "sent_at", "error")

    @admin.display(description="Standing")
    def standing(self, mail: OutgoingMail) -> str:
        if mail.sent_at:
            return "Sent"
        return "Given up" if mail.attempts >= mails.MOST_ATTEMPTS else "Waiting"
