"""The invoice list with search, filters, sorting and pages in the URL."""

from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from infactor.core.rate_limits import limited
from infactor.dashboard import eligibility_labels
from infactor.dashboard.invoices.filters import InvoiceFilterForm, filtered_invoices, query_string
from infactor.dashboard.invoices.overdue import days_late
from infactor.dashboard.pagination import CountedPaginator
from infactor.dashboard.rendering import render_for_supplier
from infactor.financing.value_dates import supplier_today
from infactor.invoices import selectors
from infactor.invoices.models import Invoice
from infactor.invoices.status_label import StatusLabel
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier

PER_PAGE = 50
MAX_BUYER_CHOICES = 200
LIST_REGION_ID = "invoice-list"

COLUMNS = (
    ("number", "Invoice", False),
    ("buyer", "Buyer", False),
    ("issued", "Issued", False),
    ("due", "Due", False),
    ("amount", "Amount", True),
    ("open", "Open", True),
    ("status", "Status and financing", False),
)


class Row(NamedTuple):
    """An invoice as the list shows it. `days_late` is 0 unless an amount is overdue.

    `eligibility_badge` is None if the status label says enough; `is_eligible` invoices can be selected for a request.
    """

    invoice: Invoice
    days_late: int
    eligibility_badge: StatusLabel | None
    is_eligible: bool


class Column(NamedTuple):
    """A column header with the URL that sorts by it. A hidden header is for screen readers only."""

    label: str
    numeric: bool = False
    sort_url: str = ""
    sort_direction: str = ""
    hidden: bool = False


def build_rows(invoices: list[Invoice], *, today: date) -> list[Row]:
    """Rows for `invoices` (loaded with eligibility_labels.with_eligibility) on the supplier's date `today`."""
    return [_build_row(one, today=today) for one in invoices]


def _build_row(invoice: Invoice, *, today: date) -> Row:
    # Present if the query was annotated by offer_outcomes.with_last_outcome.
    is_repurchased = getattr(invoice, "is_repurchased", False)
    return Row(
        invoice,
        days_late(invoice, is_repurchased=is_repurchased, today=today),
        eligibility_labels.list_badge(invoice, today=today),
        is_eligible=eligibility_labels.is_eligible(invoice),
    )


def _build_columns(filters: selectors.InvoiceFilters, *, currencies: tuple[str, ...]) -> list[Column]:
    columns = [Column("Choose", hidden=True)]
    currency = filters.currency or (currencies[0] if len(currencies) == 1 else "")
    for key, label, numeric in COLUMNS:
        ascending, descending = filters.sort == key, filters.sort == f"-{key}"
        # The first click on a date or an amount sorts descending: the latest or the largest first.
        next_sort = key if descending or not (ascending or numeric or key == "issued") else f"-{key}"
        columns.append(
            Column(
                label=f"{label}, {currency}" if numeric and currency else label,
                numeric=numeric,
                sort_url=f"{reverse('dashboard:invoices')}?{query_string(filters, sort=next_sort)}",
                sort_direction="ascending" if ascending else "descending" if descending else "",
            )
        )
    return columns


@require_safe
@limited(action="search", what="have searched", when=lambda request: bool(request.GET.get("q")))
@for_supplier
def invoices(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    today = supplier_today(supplier=supplier, at=timezone.now())
    form = InvoiceFilterForm(request.GET, label_suffix="")
    filters = form.to_filters()
    condition = eligibility_labels.decision_condition(filters.financing)
    counts = selectors.invoice_counts(supplier=supplier, filters=filters, today=today, extra=condition)
    found = filtered_invoices(supplier, filters, today=today)
    page = CountedPaginator(found, per_page=PER_PAGE, total=counts.matching).get_page(request.GET.get("page"))
    rows = build_rows(list(page.object_list), today=today)
    address = reverse("dashboard:invoices")
    query = query_string(filters)
    context = {
        "form": form,
        "filters": filters,
        "counts": counts,
        "page": page,
        "rows": rows,
        "has_eligible": any(row.is_eligible for row in rows),
        "columns": _build_columns(filters, currencies=counts.currencies),
        "state": "" if counts.matching else "no_match" if counts.total else "empty",
        "page_href": f"{address}?{query}&page=" if query else f"{address}?page=",
        "is_csv_prepared": counts.matching > settings.EXPORT_MAX_ROWS,
        "csv_url": f"{reverse('dashboard:invoices_csv')}{'?' + query if query else ''}",
        "region_id": LIST_REGION_ID,
    }
    if request.htmx.target == LIST_REGION_ID:  # type: ignore[attr-defined]
        response = render_for_supplier(
            request, "dashboard/parts/_invoice_list.html", {**context, "is_partial": True}, supplier=supplier
        )
        if request.htmx.trigger == "filters":  # type: ignore[attr-defined]
            response["HX-Push-Url"] = f"{address}?{query}" if query else address
        return response
    context["buyers"] = selectors.buyer_choices(supplier=supplier, limit=MAX_BUYER_CHOICES)
    return render_for_supplier(request, "dashboard/invoices.html", context, supplier=supplier)
