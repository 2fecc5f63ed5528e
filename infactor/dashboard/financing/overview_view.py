"""The financing overview: offers, requests, advances with their fees, expected payments, history."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from infactor.core.business_day import business_day
from infactor.dashboard.financing import advances, concentration, fee_chart, history, pay_view
from infactor.dashboard.pagination import page_of
from infactor.dashboard.rendering import render_for_supplier
from infactor.financing.accounting import positions
from infactor.financing.models import Advance, Offer, OfferLine, RequestLine
from infactor.financing.remittance_instructions import instructions_or_reference
from infactor.financing.value_dates import supplier_today
from infactor.suppliers import financing_status
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier

PER_PAGE = 50


@require_safe
@for_supplier
def financing(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """The overview. Totals are of everything; of each list one page is shown."""
    today = supplier_today(supplier=supplier, at=timezone.now())
    open_positions = positions.open_positions(supplier=supplier, today=today)
    rows = advances.funded_advances(supplier=supplier, positions=open_positions, today=today)
    waiting = RequestLine.objects.filter(supplier=supplier, status=RequestLine.Status.WAITING)
    pending = waiting.select_related("invoice", "request")
    accounts = positions.supplier_balances(supplier=supplier)
    accepted = [one for one in open_positions if one.advance.status == Advance.Status.ACCEPTED]
    expected = [one for one in rows if one.advance.status == Advance.Status.FUNDED]
    paged = partial(page_of, request=request, per_page=PER_PAGE)
    said = pay_view.words(supplier=supplier) if any(one.due_from_supplier > 0 for one in accounts) else {}
    offers = [(one, cash_total(one)) for one in open_offers(supplier, at=timezone.now())]
    context: dict[str, Any] = {
        "today": today,
        "blocker": financing_status.company_blocker(supplier=supplier, on=business_day(timezone.now())),
        "offers": paged(offers, name="offers"),
        "pending_requests": paged(list(pending.order_by("pk")), name="pending-requests"),
        "accepted": paged(accepted, name="accepted"),
        "funded_advances": paged(rows, name="advances"),
        "outstanding": advances.outstanding_totals(advances=rows),
        "expected_collections": paged(expected, name="expected-collections"),
        "accounts": [(one, said.get(one.currency), _pay_to(one, supplier)) for one in accounts],
        "concentration": concentration.concentration_charts(supplier=supplier, today=today),
        "fee_charts": fee_chart.fee_charts(supplier=supplier, today=today),
        "history": history.financing_history(supplier=supplier),
    }
    shown = ("offers", "pending_requests", "accepted", "funded_advances", "history")
    context["is_empty"] = not any(context[name] for name in shown)
    return render_for_supplier(request, "dashboard/financing.html", context, supplier=supplier)


def _pay_to(one: positions.SupplierBalance, supplier: Supplier) -> dict[str, str] | None:
    """Where the supplier pays what it owes; None if it owes nothing."""
    if one.due_from_supplier <= 0:
        return None
    return instructions_or_reference(public_id=supplier.public_id, currency=one.currency)


def open_offers(supplier: Supplier, *, at: datetime) -> list[Offer]:
    """Offers that can still be accepted, with their invoices, the earliest expiry first."""
    rows = Offer.objects.filter(supplier=supplier, status=Offer.Status.PROPOSED, expires_at__gt=at)
    lines = Prefetch("lines", OfferLine.objects.select_related("invoice"))
    return list(rows.prefetch_related(lines).order_by("expires_at", "pk"))


def cash_total(offer: Offer) -> Decimal:
    """The total of the advances on the invoices of `offer`."""
    return sum((line.advance for line in offer.lines.all()), start=positions.ZERO)
