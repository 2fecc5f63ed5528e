"""An offer: everything that it brings and costs before it is accepted, the answer, and what was accepted."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from infactor.core.transitions import MoveRefused
from infactor.dashboard.financing.forms import AcceptForm, ReasonForm
from infactor.dashboard.financing.offer_figures import presented
from infactor.dashboard.rendering import show, today_of
from infactor.financing.advances import funding
from infactor.financing.models import Acceptance, Advance, Offer, OfferLine
from infactor.financing.origination import acceptance, offers
from infactor.financing.origination.acceptance import Origin
from infactor.financing.pricing import disclosure
from infactor.suppliers import agreements
from infactor.suppliers.access import for_supplier, person
from infactor.suppliers.models import BankAccount, Supplier

MOVED_ON = "This offer was answered in the meantime."


@require_safe
@for_supplier
def offer(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """The offer with all its invoices, or with those that `line` names."""
    found = _offer(supplier, public_id)
    form = AcceptForm(request.GET)
    chosen = form.cleaned_data["line"] if form.is_valid() else []
    return _show(request, supplier, found, chosen=chosen)


@require_POST
@for_supplier
def offer_choose(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Look at the figures of other invoices of the offer: nothing is answered by that."""
    found = _offer(supplier, public_id)
    form = AcceptForm(request.POST)
    return _back(found, chosen=form.cleaned_data["line"] if form.is_valid() else [])


@require_POST
@for_supplier
def offer_accept(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Accept the invoices that are ticked, with the figures that were shown of them."""
    found = _offer(supplier, public_id)
    form = AcceptForm(request.POST)
    form.is_valid()
    chosen = form.cleaned_data.get("line", [])
    adapter = get_adapter(request)
    origin = Origin(adapter.get_client_ip(request), adapter.get_http_user_agent(request))
    try:
        acceptance.accept(
            offer=found,
            by=person(request),
            at=timezone.now(),
            shown=form.cleaned_data.get("shown", ""),
            lines=[line for line in _lines(found) if line.invoice.public_id in set(chosen)],
            origin=origin,
        )
    except acceptance.FiguresChanged as refusal:
        messages.warning(request, str(refusal))
        return _back(found, chosen=chosen)
    except acceptance.NotAccepted as refusal:
        for problem in refusal.problems:
            messages.error(request, problem)
        return _back(found, chosen=chosen)
    except MoveRefused:
        messages.error(request, MOVED_ON)
        return _back(found)
    messages.success(request, "You have accepted the offer. We pay as soon as our staff have released it.")
    return _back(found)


@require_POST
@for_supplier
def offer_decline(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Say no to the whole offer."""
    found = _offer(supplier, public_id)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        offers.decline(offer=found, by=person(request), at=timezone.now(), reason=reason)
    except MoveRefused:
        messages.error(request, MOVED_ON)
    else:
        messages.success(request, "You have declined the offer. You can ask for its invoices again at any time.")
    return _back(found)


@require_POST
@for_supplier
def advance_cancel(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Give an accepted invoice up before it is paid out."""
    try:
        advance = Advance.objects.select_related(
            "invoice", "supplier", "offer_line__offer", "offer_line__request_line"
        ).get(supplier=supplier, public_id=public_id)
    except Advance.DoesNotExist as missing:
        raise Http404 from missing
    form = ReasonForm(request.POST)
    try:
        funding.cancel(
            advance=advance,
            by=person(request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"] if form.is_valid() else "",
        )
    except funding.NotFundable as refusal:
        for problem in refusal.problems:
            messages.error(request, problem)
    except MoveRefused:
        messages.error(request, "It cannot be cancelled any more.")
    else:
        messages.success(request, f"The financing of invoice {advance.invoice} is cancelled.")
    return _back(advance.offer_line.offer)


def _show(request: HttpRequest, supplier: Supplier, found: Offer, *, chosen: list[UUID]) -> HttpResponse:
    lines = _lines(found)
    wanted = [line for line in lines if line.invoice.public_id in set(chosen)] or lines
    is_open = found.status == Offer.Status.PROPOSED and found.expires_at > timezone.now()
    # What came to nothing is shown as it was offered, not as of a day on which it held no more.
    day = today_of(supplier=supplier) if is_open else found.offered_at.astimezone(supplier.zone).date()
    accepted = Acceptance.objects.filter(offer=found).select_related("by").first()
    figures = (
        accepted.figures if accepted is not None else disclosure.offer_figures(offer=found, lines=wanted, today=day)
    )
    advances = {advance.offer_line_id: advance for advance in Advance.objects.filter(offer_line__in=lines)}
    context: dict[str, Any] = {
        "offer": found,
        "is_open": is_open,
        "is_late": found.status == Offer.Status.PROPOSED and not is_open,
        "acceptance": accepted,
        "figures": presented(figures),
        "digest": disclosure.digest(figures),
        "choices": [(line, line in wanted) for line in lines],
        "advances": [(line, advances.get(line.pk)) for line in lines],
        "account": BankAccount.objects.filter(
            supplier=supplier, currency=found.currency, status=BankAccount.Status.IN_USE
        ).first(),
        "agreement": agreements.accepted_by(supplier=supplier),
        "again": urlencode([("invoice", str(line.invoice.public_id)) for line in lines]),
        "recourse_days": found.terms.recourse_days,
    }
    return show(request, "dashboard/offer.html", context, supplier=supplier)


def _lines(found: Offer) -> list[OfferLine]:
    return list(found.lines.select_related("invoice").order_by("pk"))


def _offer(supplier: Supplier, public_id: UUID) -> Offer:
    try:
        return Offer.objects.select_related("terms", "supplier", "request").get(supplier=supplier, public_id=public_id)
    except Offer.DoesNotExist as missing:
        raise Http404 from missing


def _back(found: Offer, *, chosen: list[UUID] | None = None) -> HttpResponse:
    query = urlencode([("line", str(one)) for one in chosen or []])
    return HttpResponseRedirect(reverse("dashboard:offer", args=[found.public_id]) + (f"?{query}" if query else ""))
