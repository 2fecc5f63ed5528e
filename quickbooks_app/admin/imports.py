"""Admin pages of import runs, issues, documents and API calls: read-only."""

import re
from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.filters import NamedValuesFilter
from infactor.core.admin.formatting import moment_text
from infactor.core.admin.tables import Table
from quickbooks_app.models import ApiCall, Document, ImportIssue, ImportRun, ObjectPull

SHOWN_VERSIONS = 100
SHOWN_IDS = 3
OBJECT_ID = re.compile(r"[0-9]{1,20}")


class CallInline(admin.TabularInline):
    """The timeline of a run: each API call with its result."""

    model = ApiCall
    verbose_name_plural = gettext_lazy("timeline: API calls in order of time")
    fields = ("at", "operation", "entity", "status", "error_code", "intuit_tid", "duration_ms", "size")
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
    search_help_text = gettext_lazy("By company or supplier")
    date_hierarchy = "created_at"
    inlines = (CallInline,)


@admin.register(ObjectPull)
class ObjectPullAdmin(ReadOnlyAdmin):
    list_display = (
        "connection",
        "entity",
        "is_enabled",
        "as_of",
        "reading",
        "objects_seen",
        "not_before",
        "error",
    )
    list_filter = (
        "is_enabled",
        "entity",
        ("error_code", NamedValuesFilter),
        ("connection", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("connection",)
    search_fields = ("entity", "connection__company_name", "connection__supplier__name")
    search_help_text = gettext_lazy("By object, company or supplier")


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
    search_help_text = gettext_lazy("By QuickBooks id, field, company or supplier")
    date_hierarchy = "last_seen_at"


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = ("connection", "entity", "qbk_id", "sync_token", "books_updated_at", "fetched_at", "deleted_at")
    list_filter = ("entity", ("deleted_at", admin.EmptyFieldListFilter))
    ordering = ("-pk",)
    list_select_related = ("connection",)
    search_fields = ("=qbk_id", "connection__company_name")
    search_help_text = gettext_lazy("By QuickBooks id or company")
    date_hierarchy = "fetched_at"
    # The payload contains personal data and is not shown.
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

    def related_tables(self, row: Document) -> Sequence[Table]:
        """Its superseded versions, the newest first, without their payloads."""
        versions = row.versions.defer("payload").order_by("-pk")[:SHOWN_VERSIONS]
        return [
            Table(
                _("Superseded versions"),
                (_("Known from"), _("Known until"), _("True in QuickBooks since"), _("Sync token"), _("What")),
                [
                    (
                        moment_text(one.known_from),
                        moment_text(one.known_until),
                        moment_text(one.books_deleted_at if one.is_deleted else one.books_updated_at),
                        one.sync_token,
                        _("Deletion") if one.is_deleted else _("Document"),
                    )
                    for one in versions
                ],
            )
        ]


@admin.register(ApiCall)
class ApiCallAdmin(ReadOnlyAdmin):
    list_display = (
        "at",
        "connection",
        "operation",
        "entity",
        "ids",
        "is_metered",
        "status",
        "error_code",
        "intuit_tid",
        "duration_ms",
    )
    list_filter = (
        "is_metered",
        "status",
        ("error_code", NamedValuesFilter),
        "operation",
        ("entity", NamedValuesFilter),
        ("connection", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("connection",)
    search_fields = ("=intuit_tid", "=request_id", "connection__company_name")
    search_help_text = gettext_lazy("By Intuit's transaction id, the id of an object, the request id or the company")
    date_hierarchy = "at"

    @admin.display(description=gettext_lazy("Objects"))
    def ids(self, call: ApiCall) -> str:
        more = len(call.object_ids) - SHOWN_IDS
        return ", ".join(call.object_ids[:SHOWN_IDS]) + (_(" and %(more)s more") % {"more": more} if more > 0 else "")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ApiCall], search_term: str
    ) -> tuple[QuerySet[ApiCall], bool]:
        """Also by the id of an object, for which a search of Django's has no lookup."""
        found, has_duplicates = super().get_search_results(request, queryset, search_term)
        if OBJECT_ID.fullmatch(search_term.strip()):
            found |= queryset.filter(object_ids__contains=[search_term.strip()])
        return found, has_duplicates
