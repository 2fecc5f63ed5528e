"""Connections, runs, issues and calls in admin: read-only, searchable, and without a token anywhere."""

from django.contrib import admin

from infactor.core.admin import ReadOnlyAdmin
from quickbooks_app.models import ApiCall, Connection, ConsentAttempt, Document, ImportIssue, ImportRun


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    list_display = ("company_name", "supplier", "environment", "status", "books_as_of", "next_sync_at", "connected_at")
    list_filter = ("status", "environment")
    list_select_related = ("supplier", "company_file")
    search_fields = ("company_name", "supplier__name", "public_id")
    date_hierarchy = "connected_at"
    # Tokens and the realm id are left out by being left unnamed: a new field must be named to be shown.
    fields = (
        "company_name",
        "supplier",
        "company_file",
        "environment",
        "status",
        "status_reason",
        "connected_by",
        "connected_at",
        "disconnected_at",
        "access_token_expires_at",
        "refresh_token_expires_at",
        "refresh_token_hard_expires_at",
        "token_version",
        "next_sync_at",
        "public_id",
    )

    @admin.display(description="Books as of", ordering="company_file__as_of")
    def books_as_of(self, connection: Connection) -> object:
        return connection.company_file.as_of


@admin.register(ConsentAttempt)
class ConsentAttemptAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "supplier", "user", "outcome", "connection")
    list_filter = ("outcome", "environment")
    list_select_related = ("supplier", "user", "connection")
    search_fields = ("supplier__name", "user__email")
    date_hierarchy = "created_at"
    fields = ("supplier", "user", "environment", "in_popup", "expires_at", "taken_at", "outcome", "connection")


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = (
        "connection",
        "kind",
        "state",
        "stage",
        "invoices_seen",
        "invoices_new",
        "invoices_changed",
        "issues_found",
        "api_calls",
        "started_at",
        "finished_at",
        "error",
    )
    list_filter = ("state", "kind", "error_code")
    list_select_related = ("connection",)
    search_fields = ("connection__company_name", "connection__supplier__name", "public_id")
    date_hierarchy = "created_at"


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
    date_hierarchy = "last_seen_at"


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = ("connection", "entity", "qbk_id", "sync_token", "books_updated_at", "fetched_at")
    list_filter = ("entity",)
    list_select_related = ("connection",)
    search_fields = ("=qbk_id", "connection__company_name")
    date_hierarchy = "fetched_at"
    # The payload holds people's addresses: it is for the mapping, not for reading.
    fields = ("connection", "entity", "qbk_id", "sync_token", "books_created_at", "books_updated_at", "fetched_at")


@admin.register(ApiCall)
class ApiCallAdmin(ReadOnlyAdmin):
    list_display = ("at", "connection", "operation", "status", "error_code", "intuit_tid", "duration_ms", "size")
    list_filter = ("status", "error_code", "operation")
    list_select_related = ("connection",)
    search_fields = ("intuit_tid", "connection__company_name")
    date_hierarchy = "at"
