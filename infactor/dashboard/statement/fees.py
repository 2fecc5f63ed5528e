"""The fees of a calendar year, as a page and as CSV."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from infactor.core import downloads
from infactor.core.csv_files import csv_lines
from infactor.core.rate_limits import limited
from infactor.dashboard.rendering import render_for_supplier
from infactor.financing.accounting import fee_summary
from infactor.financing.accounting.fee_summary import FeeYear
from infactor.financing.value_dates import supplier_today
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier

HEADER = (
    *("Month", "Advance", "Invoice number", "Buyer", "Currency"),
    *("Discount fee", "Late fee", "Wire fee", "Total"),
)


class YearForm(forms.Form):
    """Asks for a year in which a fee can have been charged."""

    year = forms.TypedChoiceField(
        label=gettext_lazy("Year"),
        coerce=int,
        error_messages={"invalid_choice": gettext_lazy("Choose a year of the list.")},
    )

    def __init__(self, data: Any, *, first: int, last: int) -> None:
        super().__init__(data, label_suffix="")
        self.fields["year"].choices = [(one, one) for one in range(last, first - 1, -1)]  # type: ignore[attr-defined]


@require_safe
@for_supplier
def fees(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The fees of a year by month and by advance. A year that is not on the list shows an error and the present one."""
    today = supplier_today(supplier=supplier, at=timezone.now())
    form = year_form(request, supplier, today)
    year = form.cleaned_data["year"] if form.is_valid() else today.year
    context = {
        "form": form,
        "year": year,
        "today": today,
        "is_partial": year == today.year,
        "found": fee_summary.fees_of_year(supplier=supplier, year=year, today=today),
        "csv_url": f"{reverse('dashboard:statement_fees_csv')}?year={year}",
        "pdf_url": f"{reverse('dashboard:statement_fees_pdf')}?year={year}",
    }
    return render_for_supplier(request, "dashboard/fees.html", context, supplier=supplier)


@require_safe
@limited(action="export", what="have downloaded files")
@for_supplier
def fees_csv(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The fees of a year as CSV, a line for each month and advance."""
    today = supplier_today(supplier=supplier, at=timezone.now())
    form = year_form(request, supplier, today)
    if not form.is_valid():
        raise Http404
    year = form.cleaned_data["year"]
    found = fee_summary.fees_of_year(supplier=supplier, year=year, today=today)
    until = f"until-{today.isoformat()}" if year == today.year else f"{year}"
    return downloads.stream(  # type: ignore[return-value]  # a stream is a response too
        request, fee_lines(found), name=f"infactor-fees-{until}.csv"
    )


def fee_lines(found: Iterable[FeeYear]) -> Iterator[str]:
    """The header, then one line for each month and advance."""
    rows = (
        (
            f"{line.month:%Y-%m}",
            line.advance.pk if line.advance is not None else "",
            line.advance.invoice.invoice_no if line.advance is not None else "",
            line.advance.invoice.company_name if line.advance is not None else "",
            one.currency,
            line.fees.discount,
            line.fees.late,
            line.fees.wire,
            line.fees.total,
        )
        for one in found
        for line in one.lines
    )
    return csv_lines(header=HEADER, rows=rows)


def year_form(request: HttpRequest, supplier: Supplier, today: date) -> YearForm:
    """The form with the year of the address, or the present one."""
    first = fee_summary.first_year(supplier=supplier) or today.year
    given = request.GET if "year" in request.GET else {"year": str(today.year)}
    return YearForm(given, first=min(first, today.year), last=today.year)
