"""The answers of the books console in admin: each with its question, its age and a file."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import DecisionAdmin
from infactor.core.admin.formatting import figure_text
from infactor.core.admin.tables import Table
from infactor.core.csv_files import csv_lines
from infactor.core.money import format_count
from quickbooks_app.admin.books_questions import AskAgainView, NextPageView
from quickbooks_app.console import answers
from quickbooks_app.console.answers import State
from quickbooks_app.console.grids import INDENT, Grid, UnreadableAnswer
from quickbooks_app.models import BooksAnswer

SHOWN_ROWS = 500
REFRESH_SECONDS = "3"
OUTLINE = "· "  # in a file, whose cells begin with no space
NUMBER = re.compile(r"-?[\d,]*\.?\d+")


@admin.register(BooksAnswer)
class BooksAnswerAdmin(DecisionAdmin):
    list_display = ("connection", "name", "kind", "asked_at", "age", "state", "asked_by", "error")
    list_select_related = ("connection", "asked_by")
    list_filter = ("kind", "state", "name", ("connection", admin.RelatedOnlyFieldListFilter))
    search_fields = ("connection__company_name", "connection__supplier__name", "name")
    search_help_text = gettext_lazy("By company, supplier, report or object")
    date_hierarchy = "asked_at"
    fields = ("connection", "name", "kind", "question", "state", "asked_by", "asked_at", "age", "error", "file")
    readonly_fields = ("question", "age", "file")
    decisions = (AskAgainView, NextPageView)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BooksAnswer]:
        rows: QuerySet[BooksAnswer] = super().get_queryset(request)
        return rows.defer(*(f"connection__{name}" for name in ("realm_id", "access_token", "refresh_token")))

    def get_urls(self) -> list[URLPattern]:
        """With the answer as a file."""
        view = self.admin_site.admin_view(self.csv_view)
        return [path("<int:object_id>/csv/", view, name="quickbooks_app_booksanswer_csv"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The page loads itself again until QuickBooks has answered."""
        response = super().change_view(request, object_id, form_url, extra_context)
        row = self.get_object(request, object_id)
        if row is not None and row.answered_at is None and request.method == "GET":
            response["Refresh"] = REFRESH_SECONDS
        return response

    def csv_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The whole answer, also what the page leaves out."""
        row = self.get_object(request, str(object_id))
        if row is None or not self.has_view_permission(request, row) or row.state != State.ANSWERED:
            return HttpResponse(_("There is no such answer."), status=404, content_type="text/plain")
        grid = _grid(row)
        rows = ([cell.replace(INDENT, OUTLINE) for cell in one] for one in grid.rows)
        response = HttpResponse(csv_lines(header=grid.columns, rows=rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{row.name}-{row.asked_at:%Y-%m-%d}.csv"'
        return response

    def related_tables(self, row: BooksAnswer) -> Sequence[Table]:
        if row.state != State.ANSWERED:
            return ()
        grid = _grid(row)
        caption = _("Answer")
        if len(grid.rows) > SHOWN_ROWS:
            caption += _(" (the first %(shown_rows)s of %(count)s rows; the file has all)") % {
                "shown_rows": format_count(SHOWN_ROWS),
                "count": format_count(len(grid.rows)),
            }
        if grid.is_truncated:
            caption += _(". QuickBooks cut it off: ask for fewer days")
        return (Table(caption, grid.columns, [_aligned(one) for one in grid.rows[:SHOWN_ROWS]], empty=_("Nothing.")),)

    @admin.display(description=gettext_lazy("Question"))
    def question(self, row: BooksAnswer) -> str:
        shown = {name: value for name, value in row.parameters.items() if name != "asked"}
        return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in shown.items())

    @admin.display(description=gettext_lazy("Age"))
    def age(self, row: BooksAnswer) -> str:
        if row.answered_at is None:
            return ""
        old = timezone.now() - row.answered_at
        return (
            _("just now")
            if old < timedelta(minutes=1)
            else _("%(timesince)s old") % {"timesince": timesince(row.answered_at)}
        )

    @admin.display(description=gettext_lazy("File"))
    def file(self, row: BooksAnswer) -> str:
        if row.state != State.ANSWERED:
            return ""
        return format_html(
            '<a href="{}">Download as CSV</a>', reverse("admin:quickbooks_app_booksanswer_csv", args=[row.pk])
        )


def _aligned(cells: Sequence[str]) -> Sequence[object]:
    """The row with its numbers on the right."""
    return [*cells[:1], *(figure_text(one) if NUMBER.fullmatch(one) else one for one in cells[1:])]


def _grid(row: BooksAnswer) -> Grid:
    try:
        return answers.grid_of(row)
    except UnreadableAnswer as error:
        return Grid([_("Problem")], [[str(error)]])
