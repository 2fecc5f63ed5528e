"""The home page: tasks, financing, totals of open invoices, newest invoices."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from infactor.dashboard import eligibility_labels
from infactor.dashboard.financing import advances
from infactor.dashboard.financing.overview_view import open_offers
from infactor.dashboard.home import todo
from infactor.dashboard.home.charts import BarChart, Slice, bar_chart
from infactor.dashboard.invoices.list_view import build_rows
from infactor.dashboard.rendering import render_for_supplier
from infactor.financing.accounting import positions
from infactor.financing.eligibility import availability
from infactor.financing.origination import offer_outcomes
from infactor.financing.value_dates import supplier_today
from infactor.invoices import selectors
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Application, Supplier

NEWEST_INVOICES = 10
# Aging buckets up to this many days late are yellow in the chart, later ones red.
MAX_DAYS_LATE_FOR_WARNING = 60
COLUMNS = (
    {"label": "Invoice"},
    {"label": "Buyer"},
    {"label": "Due"},
    {"label": "Open", "numeric": True},
    {"label": "Status"},
)


@require_safe
@for_supplier
def home(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    return render_for_supplier(
        request,
        "dashboard/home.html",
        _home_context(supplier, today=supplier_today(supplier=supplier, at=timezone.now())),
        supplier=supplier,
    )


@require_safe
@for_supplier
def home_figures(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The part of the home page that htmx reloads when the books have changed."""
    context = _home_context(supplier, today=supplier_today(supplier=supplier, at=timezone.now()))
    return render_for_supplier(
        request, "dashboard/parts/_receivables.html", {**context, "is_partial": True}, supplier=supplier
    )


def _home_context(supplier: Supplier, *, today: date) -> dict[str, Any]:
    summaries = selectors.currency_summaries(supplier=supplier, today=today)
    newest = offer_outcomes.with_last_outcome(
        eligibility_labels.with_eligibility(selectors.latest_invoices(supplier=supplier))
    )[:NEWEST_INVOICES]
    return {
        **_financing_context(supplier, today=today),
        "receivables": [{"summary": one, "chart": aging_chart(one)} for one in summaries],
        "rows": build_rows(list(newest), today=today),
        "columns": COLUMNS,
    }


def _financing_context(supplier: Supplier, *, today: date) -> dict[str, Any]:
    """Available amounts, outstanding advances, tasks and events. A constant number of queries."""
    offers = open_offers(supplier, at=timezone.now())
    open_positions = positions.open_positions(supplier=supplier, today=today)
    rows = advances.funded_advances(supplier=supplier, positions=open_positions, today=today)
    accounts = positions.supplier_balances(supplier=supplier)
    status = todo.application_status(supplier=supplier)
    return {
        "today": today,
        "is_new": status == Application.Status.DRAFT,
        "available": availability.availability_by_currency(supplier=supplier),
        "expected_payouts": advances.expected_payouts(positions=open_positions),
        "outstanding": advances.outstanding_totals(advances=rows),
        "tasks": todo.tasks(supplier=supplier, application_status=status, offers=offers, accounts=accounts),
        "events": todo.upcoming_events(supplier=supplier, offers=offers, funded_advances=rows),
    }


def aging_chart(summary: selectors.CurrencySummary) -> BarChart | None:
    """The open invoices of one currency by age; None if there are none."""
    if not summary.open.count:
        return None
    slices = [Slice("Not due yet", summary.not_due.amount, summary.not_due.count)]
    for start, end, sums in summary.aging:
        label = f"Over {start - 1} days late" if end is None else f"{start} to {end} days late"
        tone = "bad" if end is None or end > MAX_DAYS_LATE_FOR_WARNING else "warn"
        slices.append(Slice(label, sums.amount, sums.count, tone))
    if summary.no_due_date.count:
        slices.append(Slice("No due date", summary.no_due_date.amount, summary.no_due_date.count, "neutral"))
    title = f"Open invoices by age, {summary.currency}" if summary.currency else "Open invoices by age, no currency"
    return bar_chart(
        title=title, category_heading="Age", currency=summary.currency, slices=slices, language=get_language() or "en"
    )
