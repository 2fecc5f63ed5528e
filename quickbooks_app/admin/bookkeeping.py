"""The bookkeeping in admin: who has turned it on, each entry, and the daily comparisons."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.decisions import DecisionAdmin
from infactor.core.admin.tables import Table
from infactor.core.money import format_number
from infactor.financing.admin.queues import definitions
from infactor.users.models import User
from quickbooks_app.admin.bookkeeping_decisions import (
    LABELS,
    CustomerView,
    MarkDoneView,
    UndoView,
    WriteAgainView,
    sides_table,
)
from quickbooks_app.bookkeeping import entries
from quickbooks_app.bookkeeping.decisions import DECIDE
from quickbooks_app.models import BookkeepingComparison, BookkeepingEntry, BookkeepingSettings

SECRETS = ("realm_id", "access_token", "refresh_token")
LINES_SHOWN = 500


class StuckFilter(admin.SimpleListFilter):
    """What is written only if somebody acts."""

    title = gettext_lazy("whether somebody must act")
    parameter_name = "stuck"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Somebody must act"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(pk__in=entries.stuck().values("pk")) if self.value() == "yes" else queryset


@admin.register(BookkeepingEntry)
class BookkeepingEntryAdmin(DecisionAdmin):
    list_display = (
        "connection",
        "value_date",
        "kind",
        "advance",
        "state",
        "currency",
        *BookkeepingEntry.ACCOUNTS,
        "key",
        "blocker",
    )
    list_select_related = ("connection", "advance", "push")
    queues = {("stuck", "yes"): "recorded_at"}
    list_filter = (StuckFilter, "kind", "push__state", ("connection", admin.RelatedOnlyFieldListFilter))
    search_fields = ("=key", "=push__qbk_id", "connection__company_name", "connection__supplier__name")
    search_help_text = gettext_lazy("By key, QuickBooks id, company or supplier")
    date_hierarchy = "value_date"
    fields = (
        *list_display,
        "push",
        "customer",
        "reverses",
        "source",
        "done_by_hand_at",
        "done_by_hand_by",
        "note",
        "recorded_at",
    )
    readonly_fields = ("state",)
    decisions = (WriteAgainView, CustomerView, MarkDoneView, UndoView)

    @admin.display(description=gettext_lazy("State"))
    def state(self, row: BookkeepingEntry) -> str:
        if row.done_by_hand_at is not None:
            return _("Entered by hand")
        if row.push is None:
            return _("Somebody must act") if row.blocker else _("Waiting")
        return str(row.push.get_state_display())

    def get_queryset(self, request: HttpRequest) -> QuerySet[BookkeepingEntry]:
        rows: QuerySet[BookkeepingEntry] = super().get_queryset(request)
        return rows.defer(*(f"connection__{name}" for name in SECRETS))

    def related_tables(self, row: BookkeepingEntry) -> Sequence[Table]:
        writes = row.connection.pushes.filter(reference=row.key)
        tried = [(one.requested_at, one.get_state_display(), one.qbk_id, one.error) for one in writes]
        return (
            sides_table(row),
            Table(
                _("Writes"),
                (_("Requested"), _("State"), _("QuickBooks id"), _("Error")),
                tried,
                empty=_("Not asked for yet."),
            ),
        )


@admin.register(BookkeepingSettings)
class BookkeepingSettingsAdmin(ReadOnlyAdmin):
    list_display = ("connection", "is_turned_on", "start_on", "currency", "turned_on_at", "turned_on_by")
    list_select_related = ("connection", "turned_on_by")
    list_filter = ("currency", ("connection", admin.RelatedOnlyFieldListFilter))
    search_fields = ("connection__company_name", "connection__supplier__name")
    search_help_text = gettext_lazy("By company or supplier")
    fields = list_display
    readonly_fields = ("is_turned_on",)

    @admin.display(description=gettext_lazy("On"), boolean=True)
    def is_turned_on(self, row: BookkeepingSettings) -> bool:
        return row.is_on

    def get_queryset(self, request: HttpRequest) -> QuerySet[BookkeepingSettings]:
        rows: QuerySet[BookkeepingSettings] = super().get_queryset(request)
        return rows.defer(*(f"connection__{name}" for name in SECRETS))

    def related_tables(self, row: BookkeepingSettings) -> Sequence[Table]:
        mapped = [
            (LABELS[one.role], one.name, one.qbk_id or (one.push and one.push.error) or _("Being created"))
            for one in row.accounts.select_related("push")
        ]
        return (Table(_("Accounts"), (_("For"), _("Account"), _("QuickBooks id")), mapped),)


@admin.register(BookkeepingComparison)
class BookkeepingComparisonAdmin(ReadOnlyAdmin):
    list_display = (
        "connection",
        "compared_on",
        "state",
        "advances_theirs",
        "advances_ours",
        "due_theirs",
        "due_ours",
        "error",
    )
    list_select_related = ("connection",)
    list_filter = ("state", ("connection", admin.RelatedOnlyFieldListFilter))
    search_fields = ("connection__company_name", "connection__supplier__name")
    search_help_text = gettext_lazy("By company or supplier")
    date_hierarchy = "compared_on"
    fields = (*list_display, "compared_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[BookkeepingComparison]:
        rows: QuerySet[BookkeepingComparison] = super().get_queryset(request)
        return rows.defer(*(f"connection__{name}" for name in SECRETS))

    def related_tables(self, row: BookkeepingComparison) -> Sequence[Table]:
        columns = (
            _("Account"),
            _("QuickBooks less infactor"),
            _("Why"),
            _("Entry"),
            _("Object"),
            _("QuickBooks id"),
            _("Day"),
            _("More"),
        )
        lines = [
            (
                LABELS[one.role],
                format_number(one.amount, places=2),
                one.get_kind_display(),
                one.entry or "",
                one.entity,
                one.qbk_id,
                one.day or "",
                one.explanation,
            )
            for one in row.lines.select_related("entry")[:LINES_SHOWN]
        ]
        return (Table(_("What differs"), columns, lines, empty=_("Nothing differs.")),)


def _stuck(by: User, at: datetime) -> QuerySet[BookkeepingEntry]:
    return entries.stuck()


definitions.register(
    definitions.Queue(
        "bookkeeping",
        gettext_lazy("Bookkeeping to look at"),
        DECIDE,
        "quickbooks_app_bookkeepingentry_changelist",
        "?stuck=yes",
        _stuck,
        "recorded_at",
    )
)
