"""Enter, change and delete one invoice by hand."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from infactor.core.rate_limits import limited
from infactor.dashboard.invoices.by_hand.forms import InvoiceForm, initial_of, new_initial
from infactor.dashboard.invoices.by_hand.lookup import currencies_of, get_own
from infactor.dashboard.rendering import render_for_supplier
from infactor.invoices.by_hand import services
from infactor.invoices.by_hand.matches import Match
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.suppliers.access import for_supplier, signed_in_user
from infactor.suppliers.models import Supplier

METHODS = ["GET", "HEAD", "POST"]


def _is_post(request: HttpRequest) -> bool:
    return request.method == "POST"


@require_http_methods(METHODS)
@limited(action="upload", what="have added invoices", when=_is_post)
@for_supplier
def invoice_new(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Enter an invoice, or keep it as a draft."""
    return _form_page(request, supplier, None)


@require_http_methods(METHODS)
@limited(action="upload", what="have changed invoices", when=_is_post)
@for_supplier
def invoice_edit(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Change an invoice by hand for which no financing was asked; its buyer's answer ends with that."""
    invoice = get_own(supplier, public_id)
    if why := services.why_frozen(invoice, correcting=True):
        messages.error(request, why)
        return _to_page(invoice)
    return _form_page(request, supplier, invoice)


@require_http_methods(METHODS)
@for_supplier
def invoice_delete(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Ask whether to delete an invoice by hand; delete it (POST)."""
    invoice = get_own(supplier, public_id)
    why = services.why_frozen(invoice)
    if request.method == "POST" and not why:
        try:
            services.delete(invoice=invoice, by=signed_in_user(request), at=timezone.now())
        except services.Frozen as error:
            why = str(error)
        else:
            messages.success(request, _("You have deleted invoice %(invoice)s.") % {"invoice": invoice})
            return HttpResponseRedirect(reverse("dashboard:invoices"))
    if why:
        messages.error(request, why)
        return _to_page(invoice)
    return render_for_supplier(request, "dashboard/invoice_delete.html", {"invoice": invoice}, supplier=supplier)


def _form_page(request: HttpRequest, supplier: Supplier, invoice: Invoice | None) -> HttpResponse:
    currencies = currencies_of(supplier, but=invoice.currency if invoice else "")
    initial = initial_of(invoice) if invoice else new_initial(currency=currencies[0])
    form = InvoiceForm(
        request.POST if request.method == "POST" else None,
        supplier=supplier,
        currencies=currencies,
        initial=initial,
    )
    match: Match | None = None
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _saved(request, supplier, invoice, form)
            except services.Invalid as error:
                form.add_problems(dict(error.problems))
            except services.Frozen as error:
                messages.error(request, str(error))
                return HttpResponseRedirect(reverse("dashboard:invoices"))
            except services.Known as error:
                match, status = error.match, 409
                if not match.is_same:
                    form.ask_whether_it_is_another()
    context = {
        "form": form,
        "invoice": invoice,
        "match": match,
        "why_not_deleted": services.why_frozen(invoice) if invoice else "",
        "is_draft": not invoice or invoice.state == State.DRAFT,
    }
    return render_for_supplier(request, "dashboard/invoice_entry.html", context, supplier=supplier, status=status)


def _saved(request: HttpRequest, supplier: Supplier, invoice: Invoice | None, form: InvoiceForm) -> HttpResponse:
    """Keep what was entered, and lead to the documents. Raises what the services raise."""
    is_draft = "draft" in request.POST
    by, at, is_another = signed_in_user(request), timezone.now(), form.cleaned_data.get("is_another", False)
    entry = form.to_entry()
    if invoice is None:
        saved = services.add(
            supplier=supplier,
            entry=entry,
            key=form.cleaned_data["key"],
            by=by,
            at=at,
            is_draft=is_draft,
            is_another=is_another,
        )
    else:
        saved = services.change(invoice=invoice, entry=entry, by=by, at=at, is_draft=is_draft, is_another=is_another)
    if is_draft:
        messages.success(request, _("Draft saved. Submit it when it is complete."))
    elif invoice is None:
        messages.success(request, _("Invoice %(saved)s added. Now add its documents.") % {"saved": saved})
        return HttpResponseRedirect(reverse("dashboard:invoice_documents", args=[saved.public_id]))
    else:
        messages.success(request, _("Invoice %(saved)s saved.") % {"saved": saved})
    return _to_page(saved)


def _to_page(invoice: Invoice) -> HttpResponse:
    return HttpResponseRedirect(reverse("dashboard:invoice", args=[invoice.public_id]))
