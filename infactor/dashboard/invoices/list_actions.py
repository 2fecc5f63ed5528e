"""What people do with the invoice list besides reading it: select, save a view, choose columns."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from infactor.core.rate_limits import limited
from infactor.dashboard.financing.forms import InvoiceSelectionForm
from infactor.dashboard.invoices import display, saved_views, selection
from infactor.dashboard.invoices.filters import InvoiceFilterForm, filtered_invoices, query_string
from infactor.dashboard.rendering import render_for_supplier
from infactor.financing.models import MAX_INVOICES_PER_REQUEST
from infactor.financing.value_dates import supplier_today
from infactor.invoices.models import Invoice
from infactor.suppliers.access import for_reader, for_supplier, signed_in_user
from infactor.suppliers.models import Supplier


@require_POST
@limited(action="search", what="have selected invoices")
@for_supplier
def invoices_selection(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The bar of what is selected: the posted invoices, or with `everything` all eligible ones of the filters."""
    today = supplier_today(supplier=supplier, at=timezone.now())
    error = ""
    if "everything" in request.POST:
        filters = InvoiceFilterForm(QueryDict(request.POST.get("query", ""))).to_filters()
        rows = filtered_invoices(supplier, filters, today=today).filter(eligibility__decision="eligible")
        ids = list(rows.values_list("public_id", flat=True)[: MAX_INVOICES_PER_REQUEST + 1])
        if len(ids) > MAX_INVOICES_PER_REQUEST:
            ids = ids[:MAX_INVOICES_PER_REQUEST]
            error = _("These are the first %(max_invoices_per_request)s: one request has room for no more.") % {
                "max_invoices_per_request": MAX_INVOICES_PER_REQUEST
            }
    else:
        form = InvoiceSelectionForm(request.POST)
        ids = form.cleaned_data["invoice"] if form.is_valid() else []
        error = (
            ""
            if form.is_valid()
            else _("Select at most %(max_invoices_per_request)s invoices.")
            % {"max_invoices_per_request": MAX_INVOICES_PER_REQUEST}
        )
    rows = Invoice.objects.for_supplier(supplier).filter(public_id__in=ids).select_related("eligibility")
    found = list(rows.defer("items", "tax_details", "search_text"))
    chosen = selection.summarize(supplier=supplier, invoices=found, today=today)
    asks = selection.to_ask(found)
    context = {
        "selection": chosen,
        "count": len(chosen.ids),
        "asks": asks,
        "kept": [*chosen.ids, *asks],
        "asks_buyers": "asks_buyers" in request.POST,
        "error": error,
    }
    return render_for_supplier(request, "dashboard/parts/_selection.html", context, supplier=supplier)


@require_POST
@for_reader
def invoices_views(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Save the list as it is filtered and shown under a name, or delete a view."""
    by, address = signed_in_user(request), reverse("dashboard:invoices")
    query = query_string(InvoiceFilterForm(QueryDict(request.POST.get("query", ""))).to_filters())
    chosen = request.POST.get("delete", "")
    if chosen:
        pk = int(chosen) if chosen.isdecimal() and len(chosen) < 19 else 0
        if saved_views.delete(supplier=supplier, by=by, pk=pk):
            messages.success(request, _("View deleted."))
        return HttpResponseRedirect(f"{address}?{query or 'all=1'}")
    try:
        view = saved_views.save(
            supplier=supplier,
            by=by,
            name=request.POST.get("name", ""),
            query=saved_views.with_display(query, display.to_text(display.read(request))),
            is_default="is_default" in request.POST,
        )
    except saved_views.CannotSave as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("View %(name)s saved.") % {"name": view.name})
    return HttpResponseRedirect(f"{address}?{query or 'all=1'}")


@require_POST
@for_reader
def invoices_display(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Keep which columns the list has, and how close its rows are."""
    query = query_string(InvoiceFilterForm(QueryDict(request.POST.get("query", ""))).to_filters())
    response = HttpResponseRedirect(f"{reverse('dashboard:invoices')}?{query or 'all=1'}")
    form = display.DisplayForm(request.POST)
    if form.is_valid():
        display.keep(response, display.of_form(form.cleaned_data), is_secure=request.is_secure())
    return response
