"""The account statement of a period, as a page and as CSV."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from infactor.core.rate_limits import limited
from infactor.dashboard import downloads
from infactor.dashboard.invoices.filters import PeriodForm
from infactor.dashboard.rendering import render_for_supplier
from infactor.dashboard.statement import csv_export
from infactor.financing.accounting.statement import statements
from infactor.financing.value_dates import supplier_today
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier


@require_safe
@for_supplier
def statement(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    form = PeriodForm(request.GET, label_suffix="")
    start, end = form.to_period()
    found = statements(supplier=supplier, start=start, end=end)
    query = urlencode({name: day.isoformat() for name, day in (("from", start), ("to", end)) if day})
    context = {
        "form": form,
        "start": start,
        "end": end,
        "today": supplier_today(supplier=supplier, at=timezone.now()),
        "statements": found,
        "csv_url": f"{reverse('dashboard:statement_csv')}{'?' + query if query else ''}",
    }
    return render_for_supplier(request, "dashboard/statement.html", context, supplier=supplier)


@require_safe
@limited(action="export", what="have downloaded files")
@for_supplier
def statement_csv(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The transactions of the period as CSV."""
    start, end = PeriodForm(request.GET).to_period()
    found = statements(supplier=supplier, start=start, end=end)
    day = supplier_today(supplier=supplier, at=timezone.now()).isoformat()
    return downloads.stream(  # type: ignore[return-value]  # a stream is a response too
        request, csv_export.statement_csv(found), name=f"infactor-statement-{day}.csv"
    )
