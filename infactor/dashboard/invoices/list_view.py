"""The invoice list with search, filters, sorting and pages in the URL."""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from infactor.core.rate_limits import limited
from infactor.core.templatetags import formatting
from infactor.core.translatable import Text
from infactor.dashboard import eligibility_labels
from infactor.dashboard.invoice_status import InvoiceStatus, invoice_status
from infactor.dashboard.invoices import chips, display, saved_views
from infactor.dashboard.invoices.display import OPTIONAL, Display
from infactor.dashboard.invoices.filters import InvoiceFilterForm, filtered_invoices, query_string
from infactor.dashboard.invoices.overdue import days_late
from infactor.dashboard.pagination import CountedPaginator
from infactor.dashboard.rendering import render_for_supplier
from infactor.financing.value_dates import supplier_today
from infactor.invoices import selectors
from infactor.invoices.models import CompanyFile, Invoice
from infactor.invoices.states import State
from infactor.suppliers.access import for_supplier, signed_in_user
from infactor.suppliers.models import Supplier

PER_PAGE = 50
MAX_BUYER_CHOICES = 200
LIST_REGION_ID = "invoice-list"
ANY = UUID(int=0)  # stands for the invoice in the address of its page, which is resolved once for all rows
DRAFT = InvoiceStatus(gettext_lazy("Draft"), "neutral", gettext_lazy("Complete and submit it"))


class Row(NamedTuple):
    """An invoice as the list shows it: texts that are ready, in the reader's language.

    `late` is empty unless an amount is overdue, `select_label` unless the invoice can be selected: for a request, or to
    ask its buyer (`asks_buyer`).
    """

    public_id: UUID
    url: str
    number: str
    buyer: str
    issued: str
    due: str
    late: str
    amount: str
    open: str
    order: str
    source: str
    status: str
    select_label: str
    asks_buyer: bool


class Column(NamedTuple):
    """A column header with the URL that sorts by it. A hidden header is for screen readers only."""

    label: Text
    numeric: bool = False
    sort_url: str = ""
    sort_direction: str = ""
    hidden: bool = False


def build_rows(invoices: list[Invoice], *, today: date) -> list[dict[str, Any]]:
    """Rows for `invoices` (loaded with eligibility_labels.with_eligibility) on the supplier's date `today`.

    As dictionaries: a template finds a key at once, and an attribute only after it has looked for a key.
    """
    address = reverse("dashboard:invoice", args=[ANY])
    return [_build_row(one, address=address, today=today)._asdict() for one in invoices]


def _build_row(invoice: Invoice, *, address: str, today: date) -> Row:
    # Present if the query was annotated by offer_outcomes.with_last_outcome.
    is_repurchased = getattr(invoice, "is_repurchased", False)
    status = DRAFT if invoice.state == State.DRAFT else invoice_status(invoice, today=today)
    asks_buyer = eligibility_labels.needs_buyer(invoice)
    days = days_late(invoice, is_repurchased=is_repurchased, today=today)
    return Row(
        public_id=invoice.public_id,
        url=address.replace(str(ANY), str(invoice.public_id)),
        number=invoice.invoice_no or gettext("No number"),
        buyer=invoice.company_name or gettext("No customer"),
        issued=formatting.day(invoice.txn_date),
        due=formatting.day(invoice.payable_date),
        late=ngettext("%(days)s day late", "%(days)s days late", days) % {"days": days} if days else "",
        amount=formatting.money(invoice.invoice_amount, invoice.currency),
        open=formatting.money(invoice.balance, invoice.currency),
        order=invoice.purchase_order_no,
        source=invoice.source,
        status=formatting.status_pill(text=str(status.text), tone=status.tone, reason=str(status.reason)),
        select_label=_select_label(invoice) if asks_buyer or eligibility_labels.is_eligible(invoice) else "",
        asks_buyer=asks_buyer,
    )


def _select_label(invoice: Invoice) -> str:
    number = formatting.strip_bidi(invoice.invoice_no) or gettext("without a number")
    return gettext("Select invoice %(invoice_no)s") % {"invoice_no": number}


def _build_columns(filters: selectors.InvoiceFilters, *, shown: Display, currencies: tuple[str, ...]) -> list[Column]:
    columns = [Column(gettext("Select"), hidden=True)]
    currency = filters.currency or (currencies[0] if len(currencies) == 1 else "")
    chosen: list[tuple[str, Text, bool]] = [
        (key, label, numeric) for key, label, numeric, _ in OPTIONAL if key in shown.columns
    ]
    for key, label, numeric in (("number", gettext("Invoice"), False), *chosen, ("status", gettext("Status"), False)):
        ascending, descending = filters.sort == key, filters.sort == f"-{key}"
        # The first click on a date or an amount sorts descending: the latest or the largest first.
        next_sort = key if descending or not (ascending or numeric or key == "issued") else f"-{key}"
        columns.append(
            Column(
                label=f"{label}, {currency}" if numeric and currency else label,
                numeric=numeric,
                sort_url=f"{reverse('dashboard:invoices')}?{query_string(filters, sort=next_sort)}"
                if key in selectors.SORTS
                else "",
                sort_direction="ascending" if ascending else "descending" if descending else "",
            )
        )
    return columns


@require_safe
@limited(action="search", what="have searched", when=lambda request: bool(request.GET.get("q")))
@for_supplier
def invoices(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    by, today = signed_in_user(request), supplier_today(supplier=supplier, at=timezone.now())
    is_part = request.htmx.target == LIST_REGION_ID  # type: ignore[attr-defined]
    choices = None if is_part else saved_views.choices(supplier=supplier, by=by, max_buyers=MAX_BUYER_CHOICES)
    first = next((one.query for one in choices.views if one.is_default), "") if choices else ""
    if first and not request.GET:
        return HttpResponseRedirect(f"{reverse('dashboard:invoices')}?{first}")
    form = InvoiceFilterForm(request.GET, label_suffix="")
    filters, shown = form.to_filters(), display.read(request)
    counts = selectors.invoice_counts(
        supplier=supplier,
        filters=filters,
        today=today,
        extra=eligibility_labels.decision_condition(filters.financing),
        facets=chips.facets(filters, today=today),
    )
    found = filtered_invoices(supplier, filters, today=today)
    pages, number = CountedPaginator(found, per_page=PER_PAGE, total=counts.matching), request.GET.get("page")
    page = pages.get_page(number)
    address, query = reverse("dashboard:invoices"), query_string(filters)
    statuses, decisions = chips.chips(filters, counts=counts.facets)
    rows = build_rows(list(page.object_list), today=today)
    context = {
        "form": form,
        "filters": filters,
        "query": query,
        "counts": counts,
        "page": page,
        "is_other_page": pages.is_beyond(number),
        "rows": rows,
        "asks_buyers": any(one["asks_buyer"] for one in rows),
        "status_chips": statuses,
        "decision_chips": decisions,
        "eligible_count": counts.facets["financing_eligible"],
        "shown": shown,
        "shows": dict.fromkeys(shown.columns, True),
        "columns": _build_columns(filters, shown=shown, currencies=counts.currencies),
        "state": "" if counts.matching else "no_match" if counts.total else "empty",
        "page_href": f"{address}?{query}&page=" if query else f"{address}?page=",
        "is_prepared": counts.matching > settings.EXPORT_MAX_ROWS,
        "csv_url": f"{reverse('dashboard:invoices_csv')}{'?' + query if query else ''}",
        "xlsx_url": f"{reverse('dashboard:invoices_xlsx')}{'?' + query if query else ''}",
        "region_id": LIST_REGION_ID,
    }
    if choices is None:
        response = render_for_supplier(
            request, "dashboard/parts/_invoice_list.html", {**context, "is_partial": True}, supplier=supplier
        )
        if request.htmx.trigger == "filters":  # type: ignore[attr-defined]
            response["HX-Push-Url"] = f"{address}?{query}" if query else address
        return response
    context |= {"buyers": choices.buyers, "views": choices.views, "display_form": display.form_of(shown)}
    if context["state"] == "empty":
        context["has_books"] = CompanyFile.objects.filter(supplier=supplier).exists()
    is_named = display.PARAMETER in request.GET
    context["current_view"] = saved_views.current(
        choices.views, query=query, display=display.to_text(shown), is_named=is_named
    )
    response = render_for_supplier(request, "dashboard/invoices.html", context, supplier=supplier)
    if is_named:  # a view was opened: its columns stay while its list is sorted and paged
        display.keep(response, shown, is_secure=request.is_secure())
    return response
