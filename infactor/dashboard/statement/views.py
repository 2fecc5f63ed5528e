"""The statement: every movement of a supplier's money with its formula, between two days; and the same as CSV."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from infactor.dashboard.invoices.filters import PeriodForm
from infactor.dashboard.rendering import show, today_of
from infactor.dashboard.statement import csv_export
from infactor.financing.accounting import statement as statements
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier


@require_safe
@for_supplier
def statement(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    form = PeriodForm(request.GET, label_suffix="")
    start, end = form.period()
    found = statements.statements(supplier=supplier, start=start, end=end)
    query = urlencode({name: day.isoformat() for name, day in (("from", start), ("to", end)) if day})
    context = {
        "form": form,
        "start": start,
        "end": end,
        "today": today_of(supplier=supplier),
        "statements": found,
        "csv_url": f"{reverse('dashboard:statement_csv')}{'?' + query if query else ''}",
    }
    return show(request, "dashboard/statement.html", context, supplier=supplier)


@require_safe
@for_supplier  # type: ignore[arg-type]  # a stream is a response too
def statement_file(request: HttpRequest, supplier: Supplier) -> StreamingHttpResponse:
    """The same movements, a line each."""
    start, end = PeriodForm(request.GET).period()
    found = statements.statements(supplier=supplier, start=start, end=end)
    response = StreamingHttpResponse(csv_export.lines(found), content_type="text/csv; charset=utf-8")
    day = today_of(supplier=supplier).isoformat()
    response["Content-Disposition"] = f'attachment; filename="infactor-statement-{day}.csv"'
    return response
