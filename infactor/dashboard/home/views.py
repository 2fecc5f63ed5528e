"""The supplier's home: what is available and out, what waits and comes next, what is open."""

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
from infactor.dashboard.invoices.list_view import rows_of
from infactor.dashboard.rendering import show, today_of
from infactor.financing.accounting import positions as position
from infactor.financing.eligibility import availability
from infactor.financing.origination import offer_outcomes
from infactor.invoices import selectors
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Application, Supplier

NEWEST = 10
# Up to a month late is worth a look; later than two months, worth a call.
WARN_UNTIL = 60
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
    return show(
        request, "dashboard/home.html", _figures(supplier, today=today_of(supplier=supplier)), supplier=supplier
    )


@require_safe
@for_supplier
def figures(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """What home shows of the books, by itself: asked for again whenever they changed."""
    context = _figures(supplier, today=today_of(supplier=supplier))
    return show(request, "dashboard/parts/_figures.html", {**context, "apart": True}, supplier=supplier)


def _figures(supplier: Supplier, *, today: date) -> dict[str, Any]:
    summaries = selectors.summaries(supplier=supplier, today=today)
    newest = offer_outcomes.told(eligibility_labels.listed(selectors.newest(supplier=supplier)))[:NEWEST]
    return {
        **_financing(supplier, today=today),
        "figures": [{"summary": one, "chart": aging_chart(one)} for one in summaries],
        "rows": rows_of(list(newest), today=today),
        "columns": COLUMNS,
    }


def _financing(supplier: Supplier, *, today: date) -> dict[str, Any]:
    """What is available, out, waiting and next. Few queries."""
    offers = open_offers(supplier, at=timezone.now())
    positions = position.positions(supplier=supplier, today=today)
    rows = advances.funded(supplier=supplier, positions=positions, today=today)
    accounts = position.accounts(supplier=supplier)
    status = todo.application_status(supplier=supplier)
    return {
        "today": today,
        "is_new": status == Application.Status.DRAFT,
        "ready": availability.available(supplier=supplier),
        "coming": advances.coming(positions=positions),
        "out": advances.out(rows=rows),
        "tasks": todo.tasks(supplier=supplier, status=status, offers=offers, accounts=accounts),
        "events": todo.events(supplier=supplier, offers=offers, funded=rows),
    }


def aging_chart(summary: selectors.Summary) -> BarChart | None:
    """How old the open invoices of one currency are; None where none is open."""
    if not summary.open.count:
        return None
    slices = [Slice("Not due yet", summary.not_due.amount, summary.not_due.count)]
    for start, end, sums in summary.aging:
        label = f"Over {start - 1} days late" if end is None else f"{start} to {end} days late"
        tone = "bad" if end is None or end > WARN_UNTIL else "warn"
        slices.append(Slice(label, sums.amount, sums.count, tone))
    if summary.no_due_date.count:
        slices.append(Slice("No due date", summary.no_due_date.amount, summary.no_due_date.count, "neutral"))
    title = f"Open invoices by age, {summary.currency}" if summary.currency else "Open invoices by age, no currency"
    return bar_chart(
        title=title, heading="Age", currency=summary.currency, slices=slices, language=get_language() or "en"
    )
