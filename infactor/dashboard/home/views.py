"""The home page: what is available now, what needs attention, the cash to expect, open invoices."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from infactor.core.dates import format_short_day
from infactor.dashboard import eligibility_labels, onboarding
from infactor.dashboard.charts import BarChart, ColumnChart, ColumnSlice, Slice, bar_chart, column_chart
from infactor.dashboard.financing import advances
from infactor.dashboard.financing.overview_view import open_offers
from infactor.dashboard.home import todo
from infactor.dashboard.home.expected_cash import WEEKS, Week, expected_cash
from infactor.dashboard.invoice_status import invoice_status
from infactor.dashboard.rendering import render_for_supplier
from infactor.financing.accounting import positions
from infactor.financing.eligibility import availability
from infactor.financing.origination import offer_outcomes
from infactor.financing.value_dates import supplier_today
from infactor.invoices import selectors
from infactor.suppliers.access import for_supplier, signed_in_user
from infactor.suppliers.models import Application, Supplier
from infactor.users.models import User

NEWEST_INVOICES = 5
# Aging buckets up to this many days late are yellow in the chart, later ones red.
MAX_DAYS_LATE_FOR_WARNING = 60
COLUMNS = (
    {"label": gettext_lazy("Invoice")},
    {"label": gettext_lazy("Due")},
    {"label": gettext_lazy("Open"), "numeric": True},
    {"label": gettext_lazy("Status")},
)


@require_safe
@for_supplier
def home(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    return render_for_supplier(
        request,
        "dashboard/home.html",
        _home_context(request, supplier),
        supplier=supplier,
    )


@require_safe
@for_supplier
def home_figures(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The part of the home page that htmx reloads when the books have changed.

    A page with the step to connect says so (`connecting`): once the step is done, its checklist is replaced, too.
    """
    context = _home_context(request, supplier)
    context["has_just_connected"] = "connecting" in request.GET and context["connect_step"] is None
    return render_for_supplier(
        request, "dashboard/parts/_home_figures.html", {**context, "is_partial": True}, supplier=supplier
    )


def _home_context(request: HttpRequest, supplier: Supplier) -> dict[str, Any]:
    today = supplier_today(supplier=supplier, at=timezone.now())
    summaries = selectors.currency_summaries(supplier=supplier, today=today)
    newest = offer_outcomes.with_last_outcome(
        eligibility_labels.with_eligibility(selectors.latest_invoices(supplier=supplier))
    )[:NEWEST_INVOICES]
    return {
        **_financing_context(supplier, user=signed_in_user(request), today=today),
        # A currency in which nothing is owed has nothing to tell.
        "receivables": [
            {"summary": one, "chart": aging_chart(one)} for one in summaries if one.open.count or one.unreadable
        ],
        "rows": [{"invoice": one, "status": invoice_status(one, today=today)} for one in newest],
        "columns": COLUMNS,
    }


def _financing_context(supplier: Supplier, *, user: User, today: date) -> dict[str, Any]:
    """Available amounts, outstanding advances, tasks and events. A constant number of queries."""
    offers = open_offers(supplier, at=timezone.now())
    open_positions = positions.open_positions(supplier=supplier, today=today)
    rows = advances.funded_advances(supplier=supplier, positions=open_positions, today=today)
    accounts = positions.supplier_balances(supplier=supplier)
    standing = todo.standing_of(supplier)
    status = standing.application
    steps = [] if standing.has_requested else onboarding.first_steps(supplier=supplier, application_status=status)
    weeks = expected_cash(supplier=supplier, positions=open_positions, funded_advances=rows, today=today)
    return {
        "today": today,
        "steps": steps,
        "steps_done": sum(step.is_done for step in steps),
        "connect_step": onboarding.open_connect_step(steps),
        "next_step": onboarding.next_open_step(steps),
        "is_approved": status == Application.Status.APPROVED,
        "available": availability.availability_by_currency(supplier=supplier),
        "cash_charts": [cash_chart(currency, found) for currency, found in weeks.items()],
        "expected_payouts": advances.expected_payouts(positions=open_positions),
        "outstanding": advances.outstanding_totals(advances=rows),
        "tasks": todo.tasks(
            supplier=supplier,
            user=user,
            standing=standing,
            offers=offers,
            funded_advances=rows,
            accounts=accounts,
            is_onboarding=bool(steps),
        ),
        "events": todo.upcoming_events(supplier=supplier, offers=offers, funded_advances=rows),
    }


def cash_chart(currency: str, weeks: Sequence[Week]) -> ColumnChart:
    """The expected cash of one currency by week."""
    return column_chart(
        title=_("Cash expected in the next %(weeks)s weeks, %(currency)s") % {"weeks": WEEKS, "currency": currency},
        category_heading=_("Week from"),
        currency=currency,
        series=(_("Your buyers pay you"), _("infactor pays you")),
        slices=[ColumnSlice(format_short_day(week.start), (week.from_buyers, week.from_infactor)) for week in weeks],
        language=get_language() or "en",
    )


def aging_chart(summary: selectors.CurrencySummary) -> BarChart | None:
    """The open invoices of one currency by age; None if there are none."""
    if not summary.open.count:
        return None
    slices = [Slice(_("Not due yet"), summary.not_due.amount, summary.not_due.count)]
    for start, end, sums in summary.aging:
        label = (
            _("Over %(start)s days late") % {"start": start - 1}
            if end is None
            else _("%(start)s to %(end)s days late") % {"start": start, "end": end}
        )
        tone = "bad" if end is None or end > MAX_DAYS_LATE_FOR_WARNING else "warn"
        slices.append(Slice(label, sums.amount, sums.count, tone))
    if summary.no_due_date.count:
        slices.append(Slice(_("No due date"), summary.no_due_date.amount, summary.no_due_date.count, "neutral"))
    title = (
        _("Open invoices by age, %(currency)s") % {"currency": summary.currency}
        if summary.currency
        else _("Open invoices by age, no currency")
    )
    return bar_chart(
        title=title,
        category_heading=_("Age"),
        currency=summary.currency,
        slices=slices,
        language=get_language() or "en",
    )
