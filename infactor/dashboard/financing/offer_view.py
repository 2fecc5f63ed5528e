"""An offer: its disclosure, the supplier's answer, and the accepted advances."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from infactor.core.transitions import TransitionNotAllowed
from infactor.dashboard.financing.forms import OfferSelectionForm, ReasonForm
from infactor.dashboard.financing.offer_figures import format_disclosure
from infactor.dashboard.rendering import render_for_supplier
from infactor.financing import netting
from infactor.financing.advances import funding
from infactor.financing.models import Acceptance, Advance, Offer, OfferLine
from infactor.financing.origination import acceptance, offers, proposals
from infactor.financing.origination.acceptance import ClientInfo
from infactor.financing.pricing import disclosure
from infactor.financing.value_dates import supplier_today
from infactor.suppliers import agreements, two_people
from infactor.suppliers.access import for_supplier, is_owner, may_act, signed_in_user
from infactor.suppliers.models import BankAccount, Supplier

ALREADY_ANSWERED = gettext_lazy("This offer has been answered in the meantime.")
ACCEPTED = gettext_lazy("You have accepted the offer. We will pay you after our staff have released the payout.")


@require_safe
@for_supplier
def offer(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """The offer with all its invoices."""
    return _render(request, supplier, _get_offer(supplier, public_id), chosen=None)


@require_POST
@for_supplier
def offer_select(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Show the offer's figures for a selection of its invoices. This does not answer the offer.

    The selection is in the body and nowhere else: an address has no room for two hundred invoices.
    """
    form = OfferSelectionForm(request.POST)
    chosen = form.cleaned_data["line"] if form.is_valid() else []
    return _render(request, supplier, _get_offer(supplier, public_id), chosen=chosen)


@require_POST
@for_supplier
def offer_accept(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Accept the selected invoices, with the figures that the page showed."""
    found, form, chosen = _answered(request, supplier, public_id)
    return _answer(
        request,
        supplier,
        found,
        chosen=chosen,
        act=partial(
            acceptance.accept,
            offer=found,
            by=signed_in_user(request),
            at=timezone.now(),
            disclosure_digest=form.cleaned_data.get("disclosure_digest", ""),
            lines=_chosen_lines(found, chosen),
            client=_client(request),
        ),
        done=ACCEPTED,
    )


@require_POST
@for_supplier
def offer_propose(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Propose to accept the selected invoices, where two people accept."""
    found, form, chosen = _answered(request, supplier, public_id)
    return _answer(
        request,
        supplier,
        found,
        chosen=chosen,
        act=partial(
            proposals.propose,
            offer=found,
            by=signed_in_user(request),
            at=timezone.now(),
            disclosure_digest=form.cleaned_data.get("disclosure_digest", ""),
            lines=_chosen_lines(found, chosen),
            client=_client(request),
        ),
        done=_("You have proposed to accept the offer. Another owner has to confirm it: we have told them."),
    )


@require_POST
@for_supplier
def offer_confirm(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Confirm what another person proposed."""
    found, form, _chosen = _answered(request, supplier, public_id)
    proposal = proposals.latest(offer=found)
    if proposal is None:
        raise Http404
    return _answer(
        request,
        supplier,
        found,
        chosen=None,
        act=partial(
            proposals.confirm,
            proposal=proposal,
            by=signed_in_user(request),
            at=timezone.now(),
            disclosure_digest=form.cleaned_data.get("disclosure_digest", ""),
            client=_client(request),
        ),
        done=ACCEPTED,
    )


@require_POST
@for_supplier
def offer_unpropose(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """End a proposal that waits for a second person."""
    found = _get_offer(supplier, public_id)
    proposal = proposals.latest(offer=found)
    if proposal is None:
        raise Http404
    act = partial(proposals.withdraw, proposal=proposal, by=signed_in_user(request), at=timezone.now())
    return _answer(
        request, supplier, found, chosen=None, act=act, done=_("The proposal has ended. Nothing is accepted.")
    )


@require_POST
@for_supplier
def offer_decline(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Decline the whole offer."""
    found = _get_offer(supplier, public_id)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        offers.decline(offer=found, by=signed_in_user(request), at=timezone.now(), reason=reason)
    except TransitionNotAllowed:
        messages.error(request, ALREADY_ANSWERED)
    else:
        messages.success(request, _("You have declined the offer. You can request its invoices again at any time."))
    return _redirect_to_offer(found)


@require_POST
@for_supplier
def advance_cancel(request: HttpRequest, supplier: Supplier, public_id: UUID) -> HttpResponse:
    """Cancel an accepted advance before it is paid out."""
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
            by=signed_in_user(request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"] if form.is_valid() else "",
        )
    except funding.FundingError as refusal:
        for problem in refusal.reasons:
            messages.error(request, problem)
    except TransitionNotAllowed:
        messages.error(request, _("This financing can no longer be cancelled."))
    else:
        messages.success(
            request, _("You have cancelled the financing of invoice %(invoice)s.") % {"invoice": advance.invoice}
        )
    return _redirect_to_offer(advance.offer_line.offer)


def _answered(
    request: HttpRequest, supplier: Supplier, public_id: UUID
) -> tuple[Offer, OfferSelectionForm, list[UUID]]:
    """The offer, the form that was sent, and the invoices that it chooses."""
    form = OfferSelectionForm(request.POST)
    form.is_valid()
    return _get_offer(supplier, public_id), form, form.cleaned_data.get("line", [])


def _answer(
    request: HttpRequest,
    supplier: Supplier,
    found: Offer,
    *,
    chosen: list[UUID] | None,
    act: Callable[[], object],
    done: Any,
) -> HttpResponse:
    """Do `act`. What is refused shows the page again with the same choice and the reason."""
    try:
        act()
    except (acceptance.FiguresChanged, proposals.ProposalChanged) as refusal:
        messages.warning(request, str(refusal))
        return _render(request, supplier, found, chosen=chosen)
    except acceptance.AcceptanceError as refusal:
        for problem in refusal.reasons:
            messages.error(request, problem)
        return _render(request, supplier, found, chosen=chosen)
    except TransitionNotAllowed:
        messages.error(request, ALREADY_ANSWERED)
        return _redirect_to_offer(found)
    messages.success(request, str(done))
    return _redirect_to_offer(found)


def _client(request: HttpRequest) -> ClientInfo:
    adapter = get_adapter(request)
    return ClientInfo(adapter.get_client_ip(request), adapter.get_http_user_agent(request))


def _chosen_lines(found: Offer, chosen: list[UUID]) -> list[OfferLine]:
    return [line for line in _lines(found) if line.invoice.public_id in set(chosen)]


def _render(request: HttpRequest, supplier: Supplier, found: Offer, *, chosen: list[UUID] | None) -> HttpResponse:
    """The page of the offer with the invoices of `chosen` ticked; None: all of them. With none there are no figures."""
    lines = _lines(found)
    proposal = proposals.latest(offer=found)
    is_waiting = proposals.waiting(offer=found, at=timezone.now()) is not None
    if proposal is not None and is_waiting:
        chosen = [line.invoice.public_id for line in lines if line.pk in proposal.lines]  # as it was proposed
    wanted = lines if chosen is None else [line for line in lines if line.invoice.public_id in set(chosen)]
    is_open = found.status == Offer.Status.PROPOSED and found.expires_at > timezone.now()
    # A closed offer is shown as of the day on which it was offered.
    day = (
        supplier_today(supplier=supplier, at=timezone.now())
        if is_open
        else found.offered_at.astimezone(supplier.zone).date()
    )
    if not is_open:
        wanted = lines
    accepted = Acceptance.objects.filter(offer=found).select_related("accepted_by", "proposal__proposed_by").first()
    figures = accepted.disclosure if accepted is not None else None
    if figures is None and wanted:
        figures = disclosure.offer_disclosure(offer=found, lines=wanted, today=day)
    advances = {advance.offer_line_id: advance for advance in Advance.objects.filter(offer_line__in=lines)}
    context: dict[str, Any] = {
        "offer": found,
        "is_open": is_open,
        "is_owner": is_owner(user=signed_in_user(request), supplier=supplier),
        "needs_two": two_people.is_needed(supplier=supplier),
        "proposal": proposal,
        "is_waiting": is_open and is_waiting,
        "is_own": proposal is not None and proposal.proposed_by == signed_in_user(request),
        "may_propose": may_act(supplier),
        "is_late": found.status == Offer.Status.PROPOSED and not is_open,
        "acceptance": accepted,
        "figures": format_disclosure(figures) if figures is not None else None,
        "disclosure_digest": disclosure.disclosure_digest(figures) if figures is not None else "",
        "choices": [(line, line in wanted) for line in lines],
        "advances": [(line, advances.get(line.pk)) for line in lines],
        "account": BankAccount.objects.filter(
            supplier=supplier, currency=found.currency, status=BankAccount.Status.IN_USE
        ).first(),
        "agreement": agreements.latest_acceptance(supplier=supplier),
        "offer_query": urlencode({"offer": found.public_id}),
        "recourse_days": found.terms.recourse_days,
        "debt": netting.debt(supplier_id=supplier.pk, currency=found.currency) if found.terms.nets_from_advances else 0,
    }
    return render_for_supplier(request, "dashboard/offer.html", context, supplier=supplier)


def _lines(found: Offer) -> list[OfferLine]:
    return list(found.lines.select_related("invoice", "offer__terms").order_by("pk"))


def _get_offer(supplier: Supplier, public_id: UUID) -> Offer:
    try:
        return Offer.objects.select_related("terms", "supplier", "request").get(supplier=supplier, public_id=public_id)
    except Offer.DoesNotExist as missing:
        raise Http404 from missing


def _redirect_to_offer(found: Offer) -> HttpResponse:
    return HttpResponseRedirect(reverse("dashboard:offer", args=[found.public_id]))
