"""Asking for money: the price of chosen invoices or of an amount, one request, and what became of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from infactor.core.transitions import MoveRefused
from infactor.dashboard.financing import quote
from infactor.dashboard.financing.forms import AmountForm, ChosenForm
from infactor.dashboard.rendering import show, today_of
from infactor.financing import terms_in_force
from infactor.financing.models import FinancingRequest, Offer, RequestLine
from infactor.financing.origination import requests, suggestions
from infactor.financing.pricing import cheapest_set
from infactor.invoices.models import Invoice
from infactor.suppliers import financing_status
from infactor.suppliers.access import for_supplier, person
from infactor.suppliers.models import Supplier

MOVED_ON = "This has changed in the meantime: look at it again."
NONE_CHOSEN = "Choose at least one invoice."
LEFT_OUT_SHOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
@for_supplier
def request_money(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show what invoices bring and cost before anything is asked; ask for them."""
    if request.method == "POST":
        return _ask(request, supplier)
    form = ChosenForm(request.GET)
    if not form.is_valid():
        return _show(request, supplier, problems=_said(form), status=400)
    if form.cleaned_data["invoice"]:
        return _show(request, supplier, invoices=_chosen(supplier, form.cleaned_data["invoice"]))
    return _show(request, supplier, problems=[NONE_CHOSEN] if "chosen" in request.GET else None)


@require_safe
@for_supplier
def request_page(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """One request: each invoice of it, and what became of it."""
    found = _request(supplier, public_id)
    lines = list(found.lines.select_related("invoice", "offer_line__offer"))
    context = {
        "asked": found,
        "lines": lines,
        "is_waiting": any(line.status == RequestLine.Status.WAITING for line in lines),
        "offers": list(found.offers.all()),
    }
    return show(request, "dashboard/request_page.html", context, supplier=supplier)


@require_POST
@for_supplier
def request_withdraw(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Take one invoice back out of a request."""
    found = _request(supplier, public_id)
    form = ChosenForm(request.POST)
    ids = form.cleaned_data["invoice"] if form.is_valid() else []
    line = found.lines.filter(invoice__public_id__in=ids).select_related("invoice", "supplier").first()
    if line is None or len(ids) != 1:
        raise Http404
    try:
        requests.withdraw(line=line, by=person(request), at=timezone.now())
    except MoveRefused:
        messages.error(request, MOVED_ON)
    else:
        messages.success(request, f"Invoice {line.invoice} is withdrawn. You can ask for it again at any time.")
    return HttpResponseRedirect(reverse("dashboard:request_page", args=[found.public_id]))


def _ask(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    form = ChosenForm(request.POST)
    if not form.is_valid() or not form.cleaned_data["invoice"]:
        return _show(request, supplier, problems=_said(form) or [NONE_CHOSEN], status=400)
    invoices = _chosen(supplier, form.cleaned_data["invoice"])
    now, asked_for = timezone.now(), form.cleaned_data["asked_for"]
    suggestion = quote.why_these(
        supplier=supplier, currency=invoices[0].currency, asked_for=asked_for, invoices=invoices, at=now
    )
    try:
        made = requests.ask(
            supplier=supplier,
            invoices=invoices,
            by=person(request),
            at=now,
            asked_for=asked_for,
            why_these=suggestion.record() if suggestion is not None else None,
        )
    except requests.RequestRefused as refusal:
        if known := quote.asked_before(invoices=invoices):
            messages.info(request, "You have asked for this already.")
            return HttpResponseRedirect(reverse("dashboard:request_page", args=[known]))
        return _show(request, supplier, invoices=invoices, problems=list(refusal.problems), status=409)
    except MoveRefused:
        return _show(request, supplier, invoices=invoices, problems=[MOVED_ON], status=409)
    offer = Offer.objects.filter(request=made).first()
    if offer is not None:
        messages.success(request, "Here is your offer.")
        return HttpResponseRedirect(reverse("dashboard:offer", args=[offer.public_id]))
    messages.success(request, "You have asked for it. We tell you by mail when there is an offer.")
    return HttpResponseRedirect(reverse("dashboard:request_page", args=[made.public_id]))


def _show(
    request: HttpRequest,
    supplier: Supplier,
    *,
    invoices: list[Invoice] | None = None,
    problems: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    terms = terms_in_force.terms_in_force(supplier=supplier, on=today_of(supplier=supplier))
    by_amount = "amount" in request.GET and not invoices
    form = AmountForm(request.GET if by_amount else None, currencies=sorted(terms), label_suffix="")
    context: dict[str, Any] = {"form": form, "problems": problems or [], "currencies": sorted(terms)}
    if by_amount and form.is_valid():
        context |= _suggested(supplier, form)
        found = context.get("suggestion")
        if found is not None:
            invoices = _chosen(supplier, [one.public_id for one in found.chosen])
    context["why_not"] = financing_status.may_be_financed(supplier=supplier)
    if invoices:
        context["baskets"], context["left"] = quote.baskets(supplier=supplier, invoices=invoices, at=now)
    return show(request, "dashboard/request.html", context, supplier=supplier, status=status)


def _suggested(supplier: Supplier, form: AmountForm) -> dict[str, Any]:
    """What is suggested for an amount, or the most that is possible."""
    amount, currency = form.cleaned_data["amount"], form.cleaned_data["currency"]
    try:
        found = suggestions.suggest(supplier=supplier, currency=currency, amount=amount, at=timezone.now())
    except cheapest_set.NotEnough as most:
        return {"most": most.most, "wanted": amount, "currency": currency}
    except (suggestions.AmountRefused, terms_in_force.NoTerms) as refusal:
        form.add_error("amount", str(refusal))
        return {}
    return {"suggestion": found, "left_out": found.left_out[:LEFT_OUT_SHOWN]}


def _chosen(supplier: Supplier, public_ids: list[UUID]) -> list[Invoice]:
    try:
        return quote.chosen(supplier=supplier, public_ids=public_ids)
    except quote.Unknown as missing:
        raise Http404 from missing


def _request(supplier: Supplier, public_id: UUID) -> FinancingRequest:
    try:
        return FinancingRequest.objects.select_related("requested_by").get(supplier=supplier, public_id=public_id)
    except FinancingRequest.DoesNotExist as missing:
        raise Http404 from missing


def _said(form: ChosenForm) -> list[str]:
    return [str(said) for errors in form.errors.values() for said in errors]
