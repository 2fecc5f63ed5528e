"""The account statement of a period, as a page and as CSV."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from infactor.core import downloads
from infactor.core.rate_limits import limited
from infactor.dashboard.invoices.filters import PeriodForm
from infactor.dashboard.pagination import page_of
from infactor.dashboard.rendering import render_for_supplier
from infactor.dashboard.statement import csv_export
from infactor.dashboard.statement.period import period_query
from infactor.financing.accounting.statement import first_day, statements
from infactor.financing.letters import letterhead
from infactor.financing.value_dates import supplier_today
from infactor.ledger.periods import last_day, month_of
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier

PER_PAGE = 100


@require_safe
@for_supplier
def statement(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    form = PeriodForm(request.GET, label_suffix="")
    start, end = form.to_period()
    today = supplier_today(supplier=supplier, at=timezone.now())
    found = statements(supplier=supplier, start=start, end=end)
    query = period_query(start, end)
    context = {
        "form": form,
        "start": start,
        "end": end,
        "today": today,
        "presets": list(presets(today=today, start=start, end=end)),
        "months": months(supplier=supplier, today=today),
        "address": letterhead.recipient(supplier),
        "house": letterhead.house(),
        "statements": [
            {
                "statement": one,
                "movements": page_of(one.movements[::-1], request, name=f"statement-{one.currency}", per_page=PER_PAGE),
                # Most suppliers never owe anything, and a payout is on its way for a day.
                "shows_owed": any(row.change.owed for row in one.movements) or bool(one.opening.owed),
                "shows_to_pay": any(row.change.to_pay for row in one.movements) or bool(one.opening.to_pay),
            }
            for one in found
        ],
        "csv_url": f"{reverse('dashboard:statement_csv')}{'?' + query if query else ''}",
        "pdf_url": f"{reverse('dashboard:statement_pdf')}{'?' + query if query else ''}",
    }
    return render_for_supplier(request, "dashboard/statement.html", context, supplier=supplier)


def presets(*, today: date, start: date | None, end: date | None) -> Iterator[tuple[str, str, bool]]:
    """The periods that one click chooses: the words, the query, and whether the page shows it from `start` to `end`."""
    month = today.replace(day=1)
    last_month_end = month - timedelta(days=1)
    for words, first, last in (
        (_("This month"), month, today),
        (_("Last month"), last_month_end.replace(day=1), last_month_end),
        (_("This year"), today.replace(month=1, day=1), today),
        (_("All"), None, None),
    ):
        query = period_query(first, last)
        yield words, query, (start, end) == (first, last)


def months(*, supplier: Supplier, today: date) -> list[tuple[date, str]]:
    """The months that are over since the first transaction, the newest first, each with its query."""
    first = first_day(supplier=supplier)
    found = []
    month = month_of(month_of(today) - timedelta(days=1))
    while first is not None and month >= month_of(first):
        found.append((month, period_query(month, last_day(month))))
        month = month_of(month - timedelta(days=1))
    return found


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
