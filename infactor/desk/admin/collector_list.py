"""The collector's list in admin: each buyer with something due, with filters, and as CSV and XLSX."""

import tempfile
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView

from infactor.core import audit, spreadsheets
from infactor.core.admin.decisions import StaffView
from infactor.core.admin.formatting import amount_text, amounts_text, day_text, figure_text
from infactor.core.business_day import business_day
from infactor.core.csv_files import Cell, csv_lines
from infactor.desk.collecting import collector_list
from infactor.desk.collecting.accounts import BUCKETS, sums
from infactor.desk.collecting.collector_list import Filters, Line
from infactor.suppliers.access import signed_in_user

ON_A_PAGE = 100
FILES = {"csv": "CSV", "xlsx": "Excel"}
SHOWN = {
    "": gettext_lazy("All that are due"),
    "overdue": gettext_lazy("Overdue"),
    "contact": gettext_lazy("Next contact today"),
}
AGES = [
    format_lazy(gettext_lazy("{since} to {to} days late"), since=since, to=to)
    if to
    else format_lazy(gettext_lazy("{since} days late and more"), since=since)
    for since, to in BUCKETS
]

HEADER = (
    *(
        gettext_lazy("Buyer"),
        gettext_lazy("Currency"),
        gettext_lazy("Invoices"),
        gettext_lazy("Open"),
        *AGES,
        gettext_lazy("Days late"),
        gettext_lazy("In dispute"),
        gettext_lazy("Promised"),
        gettext_lazy("Broken promises"),
    ),
    *(gettext_lazy("Last contact"), gettext_lazy("Next contact"), gettext_lazy("Last note")),
)


class CollectorListView(StaffView, TemplateView):
    """Each buyer with something due. `?mine=yes`, `?show=overdue` or `contact` narrow it; `?format=csv` or `xlsx`."""

    template_name = "admin/desk/collector_list.html"
    permission = "desk.view_contact"

    def get(  # type: ignore[override]  # a streamed file, too
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        self.today = business_day(timezone.now())
        shown = request.GET.get("show", "")
        self.show = shown if shown in SHOWN else ""
        self.mine = request.GET.get("mine") == "yes"
        filters = Filters(mine=self.mine, overdue=self.show == "overdue", contact_due=self.show == "contact")
        self.lines = collector_list.lines(by=signed_in_user(request), today=self.today, filters=filters)
        wanted = request.GET.get("format")
        if wanted in FILES:
            self._record(str(wanted))
            return self._csv() if wanted == "csv" else self._workbook()
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(self.lines, ON_A_PAGE).get_page(self.request.GET.get("page"))
        return {
            **admin.site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "title": _("Collect from buyers"),
            "choices": [
                (self._address(show=key, mine=self.mine), label, key == self.show) for key, label in SHOWN.items()
            ],
            "whose": [
                (self._address(show=self.show, mine=mine), label, mine == self.mine)
                for mine, label in ((False, _("All")), (True, _("Mine")))
            ],
            "files": [
                (label, f"{self._address(show=self.show, mine=self.mine)}&format={name}")
                for name, label in FILES.items()
            ],
            "here": self._address(show=self.show, mine=self.mine),
            "page": page,
            "ages": AGES,
            "rows": [_cells(line, today=self.today) for line in page],
            "totals": [
                (_("Open"), amounts_text(sums((one.currency, one.open) for one in self.lines))),
                (_("Overdue"), amounts_text(sums((one.currency, one.all_overdue) for one in self.lines))),
            ],
        }

    def _address(self, *, show: str, mine: bool) -> str:
        return "?" + urlencode({"show": show, "mine": "yes" if mine else "no"})

    def _record(self, file_format: str) -> None:
        by = signed_in_user(self.request)
        details = {"lines": len(self.lines), "format": file_format}
        audit.record(event="collector_list.exported", subject=by, by=by, at=timezone.now(), details=details)

    @property
    def _name(self) -> str:
        return f"collect-{self.today:%Y%m%d}"

    def _csv(self) -> StreamingHttpResponse:
        return StreamingHttpResponse(
            csv_lines(header=[str(one) for one in HEADER], rows=_file_rows(self.lines)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{self._name}.csv"'},
        )

    def _workbook(self) -> FileResponse:
        """The same rows as a workbook. The buyers of a house fit into a sheet, which holds a million rows."""
        file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
        book = spreadsheets.Workbook(file, title=_("Collect from buyers"), created=timezone.now())
        book.write_heading([str(one) for one in HEADER], widths=[28, *[16] * (len(HEADER) - 2), 60])
        for cells in _file_rows(self.lines):
            book.write_row(cells)
        book.close()
        file.seek(0)
        return FileResponse(
            file, as_attachment=True, filename=f"{self._name}.xlsx", content_type=spreadsheets.CONTENT_TYPE
        )


def _cells(line: Line, *, today: date) -> list[object]:
    """One line as the page shows it."""
    address = reverse("admin:desk_collect_account", args=[line.account.slug])
    dispute = format_html(" <strong>{}</strong>", _("in dispute")) if line.is_disputed else ""
    broken = (
        ngettext(" %(count)s broken", " %(count)s broken", line.broken) % {"count": line.broken} if line.broken else ""
    )
    promised = amount_text(line.promised, line.currency) if line.promised else ""
    next_day = day_text(line.next_contact_on)
    return [
        format_html('<a href="{}"><bdi>{}</bdi></a>{}', address, line.name, dispute),
        amount_text(line.open, line.currency),
        *(amount_text(amount, line.currency) if amount else "" for amount in line.overdue),
        figure_text(max(line.days_late, 0)),
        format_html("{} {}", promised, broken),
        day_text(business_day(line.last_contact.made_at)) if line.last_contact else "",
        format_html("<strong>{}</strong>", next_day) if line.is_contact_due(today) else next_day,
        line.last_note.text[:80] if line.last_note else "",
    ]


def _file_rows(lines: list[Line]) -> Iterator[list[Cell]]:
    for line in lines:
        contact, note = line.last_contact, line.last_note
        yield [
            line.name,
            line.currency,
            line.invoices,
            line.open,
            *line.overdue,
            max(line.days_late, 0),
            _("yes") if line.is_disputed else _("no"),
            line.promised,
            line.broken,
            business_day(contact.made_at) if contact else None,
            line.next_contact_on,
            note.text if note else None,
        ]
