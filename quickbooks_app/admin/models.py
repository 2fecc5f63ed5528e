"""Connections, runs, issues and calls in admin: read-only, searchable, and without a token anywhere."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.decisions import DecisionAdmin
from quickbooks_app.admin import views
from quickbooks_app.models import (
    ApiCall,
    Connection,
    ConsentAttempt,
    Document,
    ImportIssue,
    ImportRun,
)
from quickbooks_app.monitoring.connection_health import is_stale


@admin.register(Connection)
class ConnectionAdmin(DecisionAdmin):
    list_display = (
        "company_name",
        "supplier",
        "environment",
        "status",
        "books_as_of",
        "age",
        "failures",
        "paused_until",
        "next_sync_at",
        "connected_at",
    )
    list_filter = ("status", "environment")
    list_select_related = ("supplier", "company_file", "rate_limit_state")
    search_fields = ("company_name", "supplier__name", "public_id")
    search_help_text = "By company or supplier"
    date_hierarchy = "connected_at"
    # Tokens and the realm id are left out by being left unnamed: a new field must be named to be shown.
    fields = (
        "company_name",
        "supplier",
        "company_file",
        "environment",
        "status",
        "status_reason",
        "books_as_of",
        "age",
        "failures",
        "paused_until",
        "calls",
        "connected_by",
        "connected_at",
        "disconnected_at",
        "access_token_expires_at",
        "refresh_token_expires_at",
        "refresh_token_hard_expires_at",
        "expiry_warned_at",
        "attention_emailed_at",
        "reconciled_at",
        "token_version",
        "next_sync_at",
        "public_id",
    )
    readonly_fields = ("books_as_of", "age", "failures", "paused_until", "calls")
    decisions = (views.ReleaseView,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        rows: QuerySet[Connection] = super().get_queryset(request)
        return rows.defer("realm_id", "access_token", "refresh_token")

    def get_urls(self) -> list[URLPattern]:
        """With the overview of all connections."""
        overview = self.admin_site.admin_view(views.OverviewView.as_view())
        return [path("overview/", overview, name="quickbooks_app_overview"), *super().get_urls()]

    @admin.display(description="Books as of", ordering="company_file__as_of")
    def books_as_of(self, connection: Connection) -> object:
        return connection.company_file.as_of

    @admin.display(description="Age of the data", ordering="-company_file__as_of")
    def age(self, connection: Connection) -> str:
        as_of, now = connection.company_file.as_of, timezone.now()
        if as_of is None:
            return "never read"
        marked = "older than a day: " if is_stale(connection, at=now) else ""
        return f"{marked}{timesince(as_of, now)}"

    @admin.display(description="Failures in a row", ordering="rate_limit_state__failures")
    def failures(self, connection: Connection) -> int:
        return connection.rate_limit_state.failures if hasattr(connection, "rate_limit_state") else 0

    @admin.display(description="Paused until", ordering="rate_limit_state__open_until")
    def paused_until(self, connection: Connection) -> object:
        until = connection.rate_limit_state.open_until if hasattr(connection, "rate_limit_state") else None
        return until if until is not None and until > timezone.now() else None

    @admin.display(description="Readings and requests")
    def calls(self, connection: Connection) -> str:
        return format_html(
            '<a href="{}?connection__id__exact={}">Readings</a>, <a href="{}?connection__id__exact={}">requests</a>',
            reverse("admin:quickbooks_app_importrun_changelist"),
            connection.pk,
            reverse("admin:quickbooks_app_apicall_changelist"),
            connection.pk,
        )


@admin.register(ConsentAttempt)
class ConsentAttemptAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "supplier", "user", "outcome", "connection")
    list_filter = ("outcome", "environment")
    list_select_related = ("supplier", "user", "connection")
    search_fields = ("supplier__name", "user__email")
    search_help_text = "By supplier or e-mail"
    date_hierarchy = "created_at"
    fields = (
        "supplier",
        "user",
        "environment",
        "in_popup",
        "expires_at",
        "used_at",
        "outcome",
        "connection",
        "expected_connection",
        "pending_until",
    )


class CallInline(admin.TabularInline):
    """A run's timeline: every request with how it ended."""

    model = ApiCall
    verbose_name_plural = "timeline: requests in the order in which they were made"
    fields = ("at", "operation", "status", "error_code", "intuit_tid", "duration_ms", "size")
    readonly_fields = fields
    ordering = ("pk",)
    extra = 0
    max_num = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = (
        "connection",
        "kind",
        "trigger",
        "state",
        "stage",
        "invoices_seen",
        "invoices_new",
        "invoices_changed",
        "invoices_deleted",
        "payments_seen",
        "issues_found",
        "api_calls",
        "started_at",
        "finished_at",
        "error",
    )
    list_filter = ("state", "kind", "error_code", ("connection", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("connection",)
    search_fields = ("connection__company_name", "connection__supplier__name", "public_id")
    search_help_text = "By company or supplier"
    date_hierarchy = "created_at"
    inlines = (CallInline,)


@admin.register(ImportIssue)
class ImportIssueAdmin(ReadOnlyAdmin):
    list_display = (
        "connection",
        "entity",
        "qbk_id",
        "field",
        "message",
        "first_seen_at",
        "last_seen_at",
        "resolved_at",
    )
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "code", "entity")
    list_select_related = ("connection",)
    search_fields = ("qbk_id", "field", "connection__company_name", "connection__supplier__name")
    search_help_text = "By QuickBooks id, field, company or supplier"
    date_hierarchy = "last_seen_at"


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = ("connection", "entity", "qbk_id", "sync_token", "books_updated_at", "fetched_at", "deleted_at")
    list_filter = ("entity", ("deleted_at", admin.EmptyFieldListFilter))
    list_select_related = ("connection",)
    search_fields = ("=qbk_id", "connection__company_name")
    search_help_text = "By QuickBooks id or company"
    date_hierarchy = "fetched_at"
    # The payload holds people's addresses: it is for the mapping, not for reading.
    fields = (
        "connection",
        "entity",
        "qbk_id",
        "sync_token",
        "books_created_at",
        "books_updated_at",
        "fetched_at",
        "deleted_at",
    )


@admin.register(ApiCall)
class ApiCallAdmin(ReadOnlyAdmin):
    list_display = (
        "at",
        "connection",
        "operation",
        "status",
        "error_code",
        "intuit_tid",
        "duration_ms",
        "size",
        "run",
    )
    list_filter = ("status", "error_code", "operation", ("connection", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("connection", "run")
    search_fields = ("intuit_tid", "connection__company_name")
    search_help_text = "By Intuit's id of the call, or company"
    date_hierarchy = "at"
