"""The pages of reports in admin: the list, and each report and the figures on screen, on paper, as CSV and XLSX."""

import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import chain, islice
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from django.views.generic.base import ContextMixin, TemplateResponseMixin

from infactor.core import audit
from infactor.core.admin.decisions import StaffView
from infactor.core.admin.formatting import amount_text, day_text, figure_text
from infactor.core.business_day import business_zone
from infactor.financing.history import HistoryDeleted
from infactor.reports import charts, exports, figures
from infactor.reports.catalogue import REPORTS
from infactor.reports.moments import Moment, Span
from infactor.reports.report import Column, Kind, Report, ReportCell, Row
from infactor.suppliers.access import signed_in_user

PERMISSION = "financing.view_advance"
ON_SCREEN = 500  # rows
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOMENT_FORMAT = "%Y-%m-%dT%H:%M:%S"


class SpanForm(forms.Form):
    """Asks for the moments of a report, in infactor's time zone."""

    since = forms.DateTimeField(label=gettext_lazy("From"), required=False)
    at = forms.DateTimeField(label=gettext_lazy("As of"), required=False)

    def __init__(self, *args: Any, report: Report, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now, self._days = now, report.usual_days
        if not report.usual_days:
            del self.fields["since"]
        for field in self.fields.values():
            field.widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format=MOMENT_FORMAT)

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        at = asked.get("at") or self._now
        since = asked.get("since") or at - timedelta(days=self._days)
        if at > self._now:
            self.add_error("at", _("This moment has not come yet."))
        elif since > at:
            self.add_error("since", _("This is after the end."))
        return {"at": at, "since": since}


class ReportsView(StaffView, TemplateView):
    """All reports, each with the question that it answers."""

    template_name = "admin/reports/index.html"
    permission = PERMISSION

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**admin.site.each_context(self.request), **context, "title": _("Reports"), "reports": REPORTS.values()}


class ReportView(StaffView, TemplateResponseMixin, ContextMixin):
    """One report: on screen, or as a file with `format=csv` or `format=xlsx`."""

    template_name = "admin/reports/report.html"
    permission = PERMISSION

    def load(self) -> None:
        if self.kwargs["slug"] not in REPORTS:
            raise Http404
        self.report = REPORTS[self.kwargs["slug"]]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with timezone.override(business_zone()):
            wanted = request.GET.get("format", "")
            if wanted in ("csv", "xlsx") and self.form.is_valid():
                return self._file(wanted)
            return self.render_to_response(self.get_context_data(**kwargs))

    @cached_property
    def form(self) -> SpanForm:
        now = timezone.now().replace(microsecond=0)
        return SpanForm(self.request.GET, report=self.report, now=now)

    @property
    def span(self) -> Span:
        asked = self.form.cleaned_data
        return Span(moment=Moment(asked["at"].astimezone(UTC)), since=Moment(asked["since"].astimezone(UTC)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {
            **admin.site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "title": self.report.title,
            "report": self.report,
            "form": self.form,
        }
        if not self.form.is_valid():
            return context
        span = self.span
        try:
            found = self.found(span)
        except HistoryDeleted as error:
            return {**context, "refusal": str(error)}
        asked = {name: self.form.cleaned_data[name] for name in self.form.fields}
        local = {name: value.astimezone(business_zone()).strftime(MOMENT_FORMAT) for name, value in asked.items()}
        self.form = SpanForm(local, report=self.report, now=timezone.now())
        return {
            **context,
            "form": self.form,
            "span": span,
            "moment": f"{day_text(span.moment.day)}, {span.moment.at.astimezone(business_zone()):%H:%M:%S}",
            "zone": business_zone().key,
            "address": urlencode(local),
            **found,
        }

    def found(self, span: Span) -> dict[str, Any]:
        """What the page shows of the report. Raises HistoryDeleted."""
        rows = list(islice(self.report.rows(span), ON_SCREEN + 1))
        return {
            "is_cut": len(rows) > ON_SCREEN,
            "rows": [(row.is_total, self._shown(row)) for row in rows[:ON_SCREEN]],
        }

    def _shown(self, row: Row) -> list[object]:
        return [
            cell_text(cell, column, row.currency) for cell, column in zip(row.cells, self.report.columns, strict=True)
        ]

    def _file(self, wanted: str) -> HttpResponseBase:
        span = self.span
        try:
            rows = self.report.rows(span)
            first = list(islice(rows, 1))  # a report that cannot be made says so before the file begins
        except HistoryDeleted as error:
            return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")
        name = f"{self.report.slug}-{span.moment.at.astimezone(business_zone()):%Y%m%d-%H%M%S}.{wanted}"
        by = signed_in_user(self.request)
        with transaction.atomic():
            audit.record(
                event="reports.exported", subject=by, by=by, at=timezone.now(),
                details={"report": self.report.slug, "as_of": span.moment.at.isoformat(), "format": wanted},
            )  # fmt: skip
        if wanted == "csv":
            lines = exports.csv_lines(self.report, chain(first, rows))
            return StreamingHttpResponse(
                lines,
                content_type="text/csv; charset=utf-8",
                headers={"Content-Disposition": f'attachment; filename="{name}"'},
            )
        return self._workbook(chain(first, rows), span=span, name=name)

    def _workbook(self, rows: Iterator[Row], *, span: Span, name: str) -> HttpResponseBase:
        file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
        try:
            exports.write_xlsx(file, report=self.report, rows=rows, span=span)
        except exports.TooLong as error:
            file.close()
            return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")
        file.seek(0)
        return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


class FiguresView(ReportView):
    """The ten figures that matter, with their course over a year, as of any moment."""

    template_name = "admin/reports/figures.html"

    def load(self) -> None:
        self.report = figures.REPORT

    def found(self, span: Span) -> dict[str, Any]:
        moments, courses = figures.courses(at=span.moment.at)
        return {
            "currencies": [
                (currency, [(one, shown(one.now, one), charts.line(one.values), _table(one, moments)) for one in found])
                for currency, found in courses.items()
            ]
        }


def cell_text(cell: ReportCell, column: Column, currency: str) -> object:
    """A cell as staff read it."""
    if cell is None:
        return ""
    match column.kind:
        case Kind.AMOUNT:
            return amount_text(cell, currency)  # type: ignore[arg-type]
        case Kind.PERCENT:
            return figure_text(cell, "%")
        case Kind.COUNT:
            return figure_text(cell)
        case Kind.DAY:
            return day_text(cell)  # type: ignore[arg-type]
        case _:
            return cell


def shown(value: object, course: figures.Course) -> object:
    """A figure as staff read it; a dash where there is nothing to measure."""
    if value is None:
        return "-"
    return cell_text(value, Column("", course.title.kind), course.currency)  # type: ignore[arg-type]


def _table(course: figures.Course, moments: Sequence[Moment]) -> list[tuple[str, object]]:
    """Day and value, the latest first."""
    days = [day_text(moment.day) for moment in moments]
    return [(day, shown(value, course)) for day, value in zip(days, course.values, strict=True)][::-1]
