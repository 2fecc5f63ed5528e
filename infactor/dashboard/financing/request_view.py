"""Requesting financing: the price of selected invoices or of an amount, and the page of one request."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from infactor.core.business_day import business_day
from infactor.core.rate_limits import limited
from infactor.core.transitions import TransitionNotAllowed
from infactor.dashboard.financing import quote
from infactor.dashboard.financing.forms import AmountForm, InvoiceSelectionForm
from infactor.dashboard.rendering import render_for_supplier
from infactor.financing import terms_in_force
from infactor.financing.eligibility import availability
from infactor.financing.models import FinancingRequest, Offer, OfferLine, RequestLine
from infactor.financing.origination import improvements, requests, suggestions
from infactor.financing.pricing import cheapest_set
from infactor.financing.value_dates import supplier_today
from infactor.invoices.models import Invoice
from infactor.suppliers import financing_status
from infactor.suppliers.access import for_supplier, signed_in_user
from infactor.suppliers.models import Supplier

CHANGED_MEANWHILE = gettext_lazy("This has changed in the meantime. Please review it again.")
NONE_SELECTED = gettext_lazy("Select at least one invoice.")
MAX_NOT_SELECTED = 10
ZERO = Decimal("0.00")


def _submits(request: HttpRequest) -> bool:
    """Whether the request has invoices assessed anew, which takes seconds with many open invoices."""
    return request.method == "POST"


def _asks_for_price(request: HttpRequest) -> bool:
    """Whether the request has invoices priced by their last assessment."""
    return any(name in request.GET for name in ("amount", "invoice", "offer"))


@require_http_methods(["GET", "HEAD", "POST"])
@limited(action="price", what="have asked for prices", when=_submits)
@limited(action="quote", what="have asked for quotes", when=_asks_for_price)
@for_supplier
def financing_request_new(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show the cash and the cost of invoices, and submit a request for them (POST).

    The list of invoices posts with `chosen` and gets the price only: no address has room for as many as a request may
    have. A link names one invoice, or an earlier `offer` whose invoices are asked for again.
    """
    is_choice = request.method == "POST" and "chosen" in request.POST
    if request.method == "POST" and not is_choice:
        return _submit(request, supplier)
    form = InvoiceSelectionForm(request.POST if is_choice else request.GET)
    if not form.is_valid():
        return _render(request, supplier, errors=_error_messages(form), status=400)
    invoices = _invoices_of_offer(supplier, form.cleaned_data["offer"]) if form.cleaned_data["offer"] else []
    if form.cleaned_data["invoice"]:
        invoices = _selected_invoices(supplier, form.cleaned_data["invoice"])
    return _render(
        request, supplier, invoices=invoices, errors=[str(NONE_SELECTED)] if is_choice and not invoices else None
    )


@require_safe
@for_supplier
def financing_request(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """One request with its invoices and their outcome."""
    found = _get_request(supplier, public_id)
    lines = list(found.lines.select_related("invoice", "offer_line__offer"))
    context = {
        "financing_request": found,
        "lines": lines,
        "is_pending": any(line.status == RequestLine.Status.WAITING for line in lines),
        "offers": list(found.offers.all()),
    }
    return render_for_supplier(request, "dashboard/financing_request.html", context, supplier=supplier)


@require_POST
@for_supplier
def financing_request_withdraw(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Withdraw one invoice from a request."""
    found = _get_request(supplier, public_id)
    form = InvoiceSelectionForm(request.POST)
    ids = form.cleaned_data["invoice"] if form.is_valid() else []
    line = found.lines.filter(invoice__public_id__in=ids).select_related("invoice", "supplier").first()
    if line is None or len(ids) != 1:
        raise Http404
    try:
        requests.withdraw(line=line, by=signed_in_user(request), at=timezone.now())
    except TransitionNotAllowed:
        messages.error(request, CHANGED_MEANWHILE)
    else:
        messages.success(
            request,
            _("You have withdrawn invoice %(invoice)s. You can request it again at any time.")
            % {"invoice": line.invoice},
        )
    return HttpResponseRedirect(reverse("dashboard:financing_request", args=[found.public_id]))


def _submit(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    form = InvoiceSelectionForm(request.POST)
    if not form.is_valid() or not form.cleaned_data["invoice"]:
        return _render(request, supplier, errors=_error_messages(form) or [str(NONE_SELECTED)], status=400)
    invoices = _selected_invoices(supplier, form.cleaned_data["invoice"])
    now, requested_amount = timezone.now(), form.cleaned_data["requested_amount"]
    suggestion = quote.matching_suggestion(
        supplier=supplier, currency=invoices[0].currency, requested_amount=requested_amount, invoices=invoices, at=now
    )
    try:
        created = requests.submit(
            supplier=supplier,
            invoices=invoices,
            by=signed_in_user(request),
            at=now,
            requested_amount=requested_amount,
            selection_rationale=suggestion.record() if suggestion is not None else None,
        )
    except requests.RequestError as error:
        if known := quote.existing_request(invoices=invoices):
            messages.info(request, _("You have already requested financing for these invoices."))
            return HttpResponseRedirect(reverse("dashboard:financing_request", args=[known]))
        return _render(request, supplier, invoices=invoices, errors=list(error.reasons), status=409)
    except TransitionNotAllowed:
        return _render(request, supplier, invoices=invoices, errors=[str(CHANGED_MEANWHILE)], status=409)
    offer = Offer.objects.filter(request=created).first()
    if offer is not None:
        messages.success(request, _("Here is your offer."))
        return HttpResponseRedirect(reverse("dashboard:offer", args=[offer.public_id]))
    messages.success(request, _("We have received your request and will email you our decision."))
    return HttpResponseRedirect(reverse("dashboard:financing_request", args=[created.public_id]))


def _render(
    request: HttpRequest,
    supplier: Supplier,
    *,
    invoices: list[Invoice] | None = None,
    errors: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    terms = terms_in_force.terms_in_force(supplier=supplier, on=supplier_today(supplier=supplier, at=now))
    available = {one.currency: one.eligible_amount for one in availability.availability_by_currency(supplier=supplier)}
    currencies = sorted(terms, key=lambda code: (-available.get(code, ZERO), code))
    by_amount = "amount" in request.GET and not invoices
    form = AmountForm(
        request.GET if by_amount else None, currencies=currencies, label_suffix="", initial=_all(available)
    )
    context: dict[str, Any] = {"form": form, "errors": errors or [], "currencies": currencies}
    if by_amount and form.is_valid():
        context |= _suggestion_context(supplier, form, at=now)
        found = context.get("suggestion")
        if found is not None:
            invoices = _selected_invoices(supplier, [one.public_id for one in found.selected])
    context["available"] = [(code, available.get(code, ZERO)) for code in currencies]
    context["blocker"] = financing_status.company_blocker(supplier=supplier, on=business_day(now))
    # With nothing asked for yet, the page asks by itself for all that is available, where JavaScript runs.
    context["is_empty"] = not (invoices or by_amount or errors or form.initial)
    context["has_invoices"] = context["is_empty"] and Invoice.objects.for_supplier(supplier).exists()
    context["quotes_at_once"] = not invoices and not by_amount and not errors and bool(form.initial)
    if invoices:
        context["quote_groups"], context["excluded"] = quote.quote_groups(supplier=supplier, invoices=invoices, at=now)
    return render_for_supplier(
        request, "dashboard/financing_request_new.html", context, supplier=supplier, status=status
    )


def _all(available: dict[str, Decimal]) -> dict[str, Any]:
    """The most that is available in one currency, as the form begins with."""
    currency = max(available, key=lambda code: available[code], default="")
    return {"amount": available[currency], "currency": currency} if currency and available[currency] > 0 else {}


def _suggestion_context(supplier: Supplier, form: AmountForm, *, at: datetime) -> dict[str, Any]:
    """The suggested invoices for an amount, or the maximum amount if it is too high, and what would change that."""
    amount, currency = form.cleaned_data["amount"], form.cleaned_data["currency"]
    try:
        found = suggestions.suggest(supplier=supplier, currency=currency, amount=amount, at=at)
    except cheapest_set.InsufficientInvoices as insufficient:
        return {
            "max_amount": insufficient.available,
            "requested_amount": amount,
            "currency": currency,
            "improvements": improvements.improvements(supplier=supplier, currency=currency, at=at),
        }
    except (suggestions.InvalidRequestAmount, terms_in_force.TermsNotSet) as error:
        form.add_error("amount", str(error))
        return {}
    better = improvements.improvements(supplier=supplier, currency=currency, at=at, suggestion=found)
    return {
        "suggestion": found,
        "not_selected": found.excluded[:MAX_NOT_SELECTED],
        "improvements": better,
        "currency": currency,
    }


def _selected_invoices(supplier: Supplier, public_ids: list[UUID]) -> list[Invoice]:
    try:
        return quote.selected_invoices(supplier=supplier, public_ids=public_ids)
    except quote.UnknownInvoice as missing:
        raise Http404 from missing


def _invoices_of_offer(supplier: Supplier, public_id: UUID) -> list[Invoice]:
    lines = OfferLine.objects.filter(offer__supplier=supplier, offer__public_id=public_id)
    return _selected_invoices(supplier, list(lines.order_by("pk").values_list("invoice__public_id", flat=True)))


def _get_request(supplier: Supplier, public_id: UUID) -> FinancingRequest:
    try:
        return FinancingRequest.objects.select_related("requested_by").get(supplier=supplier, public_id=public_id)
    except FinancingRequest.DoesNotExist as missing:
        raise Http404 from missing


def _error_messages(form: InvoiceSelectionForm) -> list[str]:
    return [str(message) for errors in form.errors.values() for message in errors]
