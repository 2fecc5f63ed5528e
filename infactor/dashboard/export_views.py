"""Download the invoice list: at once if it is short, else from a page that shows how the file comes along.

Long statements are prepared on the same page.
"""

import uuid
from functools import partial

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from infactor.core import downloads, spreadsheets
from infactor.core.rate_limits import limited
from infactor.dashboard import tasks
from infactor.dashboard.invoices import csv_export
from infactor.dashboard.invoices import prepared_export as prepared
from infactor.dashboard.invoices.filters import InvoiceFilterForm, PeriodForm, filtered_invoices, query_string
from infactor.dashboard.models import PreparedExport
from infactor.dashboard.rendering import render_for_supplier
from infactor.dashboard.statement.period import period_name
from infactor.financing.letters.sending import send_letter
from infactor.financing.value_dates import supplier_today
from infactor.invoices import selectors
from infactor.suppliers.access import for_reader, for_supplier, signed_in_user
from infactor.suppliers.models import Supplier

Kind = PreparedExport.Kind


@require_safe
@limited(action="export", what="have downloaded files")
@for_supplier
def invoices_csv(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """All pages of the list for the same query, as CSV. A long list leads to the page that has it prepared."""
    today = supplier_today(supplier=supplier, at=timezone.now())
    filters = InvoiceFilterForm(request.GET).to_filters()
    found = filtered_invoices(supplier, filters, today=today)
    if selectors.is_longer(found, than=settings.EXPORT_MAX_ROWS):
        return HttpResponseRedirect(f"{reverse('dashboard:invoices_export')}?{query_string(filters)}")
    return downloads.stream(  # type: ignore[return-value]  # a stream is a response too
        request, csv_export.invoice_csv(found, today=today), name=f"infactor-invoices-{today.isoformat()}.csv"
    )


@require_safe
@limited(action="export", what="have downloaded files")
@for_supplier
def invoices_xlsx(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The same list as XLSX. A long list leads to the page that has it prepared."""
    now = timezone.now()
    today = supplier_today(supplier=supplier, at=now)
    filters = InvoiceFilterForm(request.GET).to_filters()
    found = filtered_invoices(supplier, filters, today=today)
    if selectors.is_longer(found, than=settings.EXPORT_MAX_ROWS):
        return HttpResponseRedirect(f"{reverse('dashboard:invoices_export')}?{query_string(filters)}&format=xlsx")
    return downloads.stream(  # type: ignore[return-value]  # a stream is a response too
        request,
        csv_export.invoice_workbook(found, today=today, at=now),
        name=f"infactor-invoices-{today.isoformat()}.xlsx",
        content_type=spreadsheets.CONTENT_TYPE,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@limited(action="export", what="have asked for files", when=lambda request: request.method == "POST")
@for_reader
def invoices_export(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Offer to prepare the file of a long list, in either format; with POST, ask for it."""
    query = query_string(InvoiceFilterForm(request.GET).to_filters())
    if request.method == "POST":
        kind = Kind.WORKBOOK if request.POST.get("format") == "xlsx" else Kind.INVOICES
        export = prepared.request(
            supplier=supplier, by=signed_in_user(request), query=query, at=timezone.now(), kind=kind
        )
        if (export.kind, export.query) != (kind, query):
            messages.info(request, _("You asked for this file before. Ask for the next one when it is ready."))
        transaction.on_commit(partial(tasks.enqueue_export, export.pk))
        return HttpResponseRedirect(reverse("dashboard:export", args=[export.public_id]))
    context = {"query": query, "wants_xlsx": request.GET.get("format") == "xlsx"}
    return render_for_supplier(request, "dashboard/export_new.html", context, supplier=supplier)


@require_safe
@for_supplier
def export(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """How the file comes along. The page asks again until it is ready."""
    context = {"export": _get(request, supplier, public_id), "kept_hours": prepared.KEPT_FOR.total_seconds() // 3600}
    part = request.htmx  # type: ignore[attr-defined]
    template = "dashboard/parts/_export.html" if part else "dashboard/export.html"
    return render_for_supplier(request, template, context, supplier=supplier)


@require_safe
@for_supplier
def export_file(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """The prepared list of invoices as CSV."""
    found = _ready(request, supplier, public_id, kind=Kind.INVOICES)
    return downloads.stream(  # type: ignore[return-value]  # a stream is a response too
        request, prepared.lines(found), name=_name(found, "csv")
    )


@require_safe
@for_supplier
def export_workbook(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """The prepared list of invoices as XLSX."""
    found = _ready(request, supplier, public_id, kind=Kind.WORKBOOK)
    return downloads.stream(  # type: ignore[return-value]  # a stream is a response too
        request, prepared.lines(found), name=_name(found, "xlsx"), content_type=spreadsheets.CONTENT_TYPE
    )


@require_safe
@limited(action="export", what="have downloaded files")
@for_supplier
def export_pdf(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> HttpResponse:
    """The prepared statement."""
    found = _ready(request, supplier, public_id, kind=Kind.STATEMENT)
    start, end = PeriodForm(QueryDict(found.query)).to_period()
    name, period = period_name(start, end, today=supplier_today(supplier=supplier, at=found.asked_at))
    draw = partial(b"".join, prepared.lines(found))
    return send_letter(request, supplier, draw, name=f"statement-{name}", letter="statement", details=period)


def _name(export: PreparedExport, file_format: str) -> str:
    day = supplier_today(supplier=export.supplier, at=export.asked_at)
    return f"infactor-invoices-{day.isoformat()}.{file_format}"


def _ready(
    request: HttpRequest, supplier: Supplier, public_id: uuid.UUID, *, kind: PreparedExport.Kind
) -> PreparedExport:
    found = _get(request, supplier, public_id)
    if found.state != PreparedExport.State.READY or found.kind != kind:
        raise Http404
    return found


def _get(request: HttpRequest, supplier: Supplier, public_id: uuid.UUID) -> PreparedExport:
    found = prepared.visible(supplier=supplier, by=signed_in_user(request), at=timezone.now())
    export = found.filter(public_id=public_id).first()
    if export is None:
        raise Http404
    return export
