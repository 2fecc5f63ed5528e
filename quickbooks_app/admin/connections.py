"""Admin pages of connections and attempts to connect: read-only, without tokens."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.decisions import DecisionAdmin
from infactor.core.admin.formatting import moment_text
from infactor.core.money import format_count
from quickbooks_app.admin import attachments, books_questions, views
from quickbooks_app.admin.mapping import ChangeMappingView
from quickbooks_app.admin.objects import ObjectsView
from quickbooks_app.admin.pushes import PushView
from quickbooks_app.models import Connection, ConsentAttempt
from quickbooks_app.monitoring import metering
from quickbooks_app.monitoring.connection_health import is_stale

# The lists of what belongs to a connection, by the name of the model.
RECORDS = {
    "importrun": gettext_lazy("Import runs"),
    "objectpull": gettext_lazy("Object pulls"),
    "apicall": gettext_lazy("API calls"),
    "completenesscheck": gettext_lazy("Comparisons"),
    "mappingversion": gettext_lazy("Versions of the mapping"),
    "booksanswer": gettext_lazy("Books console"),
    "push": gettext_lazy("Writes into the books"),
    "bookkeepingentry": gettext_lazy("Bookkeeping entries"),
    "bookkeepingcomparison": gettext_lazy("Bookkeeping comparisons"),
}


@admin.register(Connection)
class ConnectionAdmin(DecisionAdmin):
    list_display = (
        "company_name",
        "supplier",
        "environment",
        "integration",
        "status",
        "books_as_of",
        "age",
        "failures",
        "paused_until",
        "next_sync_at",
        "connected_at",
    )
    list_filter = ("status", "environment", "edition", ("integration", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("supplier", "company_file", "integration", "rate_limit_state")
    search_fields = ("company_name", "supplier__name", "public_id")
    search_help_text = gettext_lazy("By company or supplier")
    date_hierarchy = "connected_at"
    # An explicit list keeps tokens and the realm id hidden: a new field is not shown until it is added here.
    fields = (
        "company_name",
        "supplier",
        "company_file",
        "environment",
        "integration",
        "status",
        "status_reason",
        "edition",
        "country",
        "company_read_at",
        "books_as_of",
        "age",
        "failures",
        "paused_until",
        "metered_reads",
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
        "writes_allowed_at",
        "public_id",
    )
    readonly_fields = ("books_as_of", "age", "failures", "paused_until", "metered_reads", "calls")
    decisions = (
        ObjectsView,
        PushView,
        books_questions.ReportView,
        books_questions.QueryView,
        ChangeMappingView,
        views.ReleaseView,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        rows: QuerySet[Connection] = super().get_queryset(request)
        return rows.defer("realm_id", "access_token", "refresh_token")

    def get_urls(self) -> list[URLPattern]:
        """With the overview of all connections, and the files that are attached to invoices."""
        overview = self.admin_site.admin_view(views.OverviewView.as_view())
        download = self.admin_site.admin_view(attachments.DownloadView.as_view())
        return [
            path("overview/", overview, name="quickbooks_app_overview"),
            path("files/<int:invoice_id>/<int:attachment_id>/", download, name="quickbooks_app_attachment"),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("Synced as of"), ordering="company_file__as_of")
    def books_as_of(self, connection: Connection) -> str:
        return moment_text(connection.company_file.as_of)

    @admin.display(description=gettext_lazy("Age of the data"), ordering="-company_file__as_of")
    def age(self, connection: Connection) -> str:
        as_of, now = connection.company_file.as_of, timezone.now()
        if as_of is None:
            return _("never synced")
        prefix = _("more than a day old: ") if is_stale(connection, at=now) else ""
        return f"{prefix}{timesince(as_of, now)}"

    @admin.display(description=gettext_lazy("Consecutive failures"), ordering="rate_limit_state__failures")
    def failures(self, connection: Connection) -> int:
        return connection.rate_limit_state.failures if hasattr(connection, "rate_limit_state") else 0

    @admin.display(description=gettext_lazy("Paused until"), ordering="rate_limit_state__open_until")
    def paused_until(self, connection: Connection) -> str:
        until = connection.rate_limit_state.open_until if hasattr(connection, "rate_limit_state") else None
        return moment_text(until) if until is not None and until > timezone.now() else "-"

    @admin.display(description=gettext_lazy("Metered reads this month"))
    def metered_reads(self, connection: Connection) -> str:
        return format_count(metering.metered_calls(at=timezone.now()).filter(connection=connection).count())

    @admin.display(description=gettext_lazy("Its records"))
    def calls(self, connection: Connection) -> str:
        return format_html_join(
            ", ",
            '<a href="{}?connection__id__exact={}">{}</a>',
            (
                (reverse(f"admin:quickbooks_app_{name}_changelist"), connection.pk, label)
                for name, label in RECORDS.items()
            ),
        )


@admin.register(ConsentAttempt)
class ConsentAttemptAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "supplier", "user", "outcome", "connection")
    list_filter = ("outcome", "environment")
    list_select_related = ("supplier", "user", "connection")
    search_fields = ("supplier__name", "user__email")
    search_help_text = gettext_lazy("By supplier or email")
    date_hierarchy = "created_at"
    fields = (
        "supplier",
        "user",
        "integration",
        "environment",
        "in_popup",
        "expires_at",
        "used_at",
        "outcome",
        "connection",
        "expected_connection",
        "pending_until",
    )
