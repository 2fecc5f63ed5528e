"""Statement and fee summary as PDF. A long statement is prepared by a worker."""

from functools import partial

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from infactor.core.rate_limits import limited
from infactor.dashboard.invoices import prepared_export
from infactor.dashboard.invoices.filters import PeriodForm
from infactor.dashboard.models import PreparedExport
from infactor.dashboard.rendering import render_for_supplier
from infactor.dashboard.statement.fees import year_form
from infactor.dashboard.statement.period import period_name, period_query
from infactor.dashboard.tasks import enqueue_export
from infactor.financing.accounting.statement import statements
from infactor.financing.letters import fees_letter, statement_letter
from infactor.financing.letters.sending import send_letter
from infactor.financing.value_dates import supplier_today
from infactor.suppliers.access import for_reader, for_supplier, signed_in_user
from infactor.suppliers.models import Supplier

MAX_AT_ONCE = 400  # movements: about a second


@require_safe
@limited(action="export", what="have downloaded files")
@for_supplier
def statement_pdf(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The statement of the period. A wrong date leads to the page that says so, a long one to where it is prepared."""
    form = PeriodForm(request.GET)
    start, end = form.to_period()
    if form.errors:
        return HttpResponseRedirect(f"{reverse('dashboard:statement')}?{request.GET.urlencode()}")
    found = statements(supplier=supplier, start=start, end=end)
    if sum(len(one.movements) for one in found) > MAX_AT_ONCE:
        return HttpResponseRedirect(f"{reverse('dashboard:statement_export')}?{period_query(start, end)}")
    now = timezone.now()
    name, period = period_name(start, end, today=supplier_today(supplier=supplier, at=now))
    return send_letter(
        request,
        supplier,
        partial(statement_letter.drawn, supplier=supplier, found=found, start=start, end=end, at=now),
        name=f"statement-{name}",
        letter="statement",
        details=period,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@limited(action="export", what="have asked for files", when=lambda request: request.method == "POST")
@for_reader
def statement_export(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Offer to prepare the PDF of a long statement; with POST, ask for it."""
    query = period_query(*PeriodForm(request.GET).to_period())
    if request.method == "POST":
        wanted = prepared_export.request(
            supplier=supplier,
            by=signed_in_user(request),
            query=query,
            at=timezone.now(),
            kind=PreparedExport.Kind.STATEMENT,
        )
        transaction.on_commit(partial(enqueue_export, wanted.pk))
        return HttpResponseRedirect(reverse("dashboard:export", args=[wanted.public_id]))
    context = {"query": query, "is_statement": True}
    return render_for_supplier(request, "dashboard/export_new.html", context, supplier=supplier)


@require_safe
@limited(action="export", what="have downloaded files")
@for_supplier
def fees_pdf(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The fee summary of a year."""
    now = timezone.now()
    form = year_form(request, supplier, supplier_today(supplier=supplier, at=now))
    if not form.is_valid():
        raise Http404
    year = form.cleaned_data["year"]
    draw = partial(fees_letter.fees_pdf, supplier=supplier, year=year, at=now)
    return send_letter(request, supplier, draw, name=f"fees-{year}", letter="fees", details={"year": year})
