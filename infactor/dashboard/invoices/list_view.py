"""The list of invoices: search, filters, order and page in the address; and the same as CSV."""

from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from infactor.dashboard import eligibility_labels
from infactor.dashboard.invoices import csv_export
from infactor.dashboard.invoices.filters import InvoiceFilterForm, query_of
from infactor.dashboard.invoices.overdue import days_late
from infactor.dashboard.pagination import CountedPaginator
from infactor.dashboard.rendering import show, today_of
from infactor.financing.origination import offer_outcomes
from infactor.invoices import selectors
from infactor.invoices.models import Invoice
from infactor.invoices.states import Label
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier

PER_PAGE = 50
BUYERS_TO_CHOOSE_FROM = 200
REGION = "invoice-list"

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
    """An invoice as the list shows it; `days_late` is 0 unless something is owed after its due date.

    `financing` is what the rules said (None: its label says it), `is_ready` whether it can be chosen for a request.
    """

    invoice: Invoice
    days_late: int
    financing: Label | None
    is_ready: bool


class Column(NamedTuple):
    """A column's head, with the address that sorts by it; a hidden one is read out only."""

    label: str
    numeric: bool = False
    sort_url: str = ""
    sorted: str = ""
    hidden: bool = False


def rows_of(found: list[Invoice], *, today: date) -> list[Row]:
    """`found`, read with `verdicts.listed`, with what depends on the day."""
    return [_row(one, today=today) for one in found]


def _row(invoice: Invoice, *, today: date) -> Row:
    # Known where whoever read the row asked for it: financing.ended_offers.
    is_bought_back = getattr(invoice, "is_bought_back", False)
    return Row(
        invoice,
        days_late(invoice, is_bought_back=is_bought_back, today=today),
        eligibility_labels.listed_pill(invoice, today=today),
        is_ready=eligibility_labels.is_ready(invoice),
    )


def _columns(filters: selectors.Filters, *, currencies: tuple[str, ...]) -> list[Column]:
    columns = [Column("Choose", hidden=True)]
    shown = filters.currency or (currencies[0] if len(currencies) == 1 else "")
    for key, label, numeric in COLUMNS:
        ascending, descending = filters.sort == key, filters.sort == f"-{key}"
        # A first click on a date or an amount asks for the latest or the largest.
        turned = key if descending or not (ascending or numeric or key == "issued") else f"-{key}"
        columns.append(
            Column(
                label=f"{label}, {shown}" if numeric and shown else label,
                numeric=numeric,
                sort_url=f"{reverse('dashboard:invoices')}?{query_of(filters, sort=turned)}",
                sorted="ascending" if ascending else "descending" if descending else "",
            )
        )
    return columns


def _found(supplier: Supplier, filters: selectors.Filters, *, today: date) -> QuerySet[Invoice]:
    also = eligibility_labels.condition(filters.financing)
    found = selectors.listing(supplier=supplier, filters=filters, today=today, also=also)
    return offer_outcomes.told(eligibility_labels.listed(found))


@require_safe
@for_supplier
def invoices(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    today = today_of(supplier=supplier)
    form = InvoiceFilterForm(request.GET, label_suffix="")
    filters = form.filters()
    also = eligibility_labels.condition(filters.financing)
    size = selectors.size(supplier=supplier, filters=filters, today=today, also=also)
    found = _found(supplier, filters, today=today)
    page = CountedPaginator(found, per_page=PER_PAGE, total=size.matching).get_page(request.GET.get("page"))
    rows = rows_of(list(page.object_list), today=today)
    address = reverse("dashboard:invoices")
    query = query_of(filters)
    context = {
        "form": form,
        "filters": filters,
        "size": size,
        "page": page,
        "rows": rows,
        "may_choose": any(row.is_ready for row in rows),
        "columns": _columns(filters, currencies=size.currencies),
        "state": "" if size.matching else "no_match" if size.everything else "empty",
        "page_href": f"{address}?{query}&page=" if query else f"{address}?page=",
        "csv_url": f"{reverse('dashboard:invoices_csv')}{'?' + query if query else ''}",
        "region": REGION,
    }
    if request.htmx.target == REGION:  # type: ignore[attr-defined]
        response = show(request, "dashboard/parts/_invoice_list.html", {**context, "part": True}, supplier=supplier)
        if request.htmx.trigger == "filters":  # type: ignore[attr-defined]
            response["HX-Push-Url"] = f"{address}?{query}" if query else address
        return response
    context["buyers"] = selectors.buyers(supplier=supplier, at_most=BUYERS_TO_CHOOSE_FROM)
    return show(request, "dashboard/invoices.html", context, supplier=supplier)


@require_safe
@for_supplier  # type: ignore[arg-type]  # a stream is a response too
def invoices_csv(request: HttpRequest, supplier: Supplier) -> StreamingHttpResponse:
    """Exactly the invoices that the list shows for the same query, all pages of them."""
    today = today_of(supplier=supplier)
    found = _found(supplier, InvoiceFilterForm(request.GET).filters(), today=today)
    response = StreamingHttpResponse(csv_export.invoice_csv(found, today=today), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="infactor-invoices-{today.isoformat()}.csv"'
    return response
