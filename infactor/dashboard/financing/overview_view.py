"""What a supplier is offered, has asked for and has financed: costs so far, costs to come, and when money comes."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from infactor.dashboard.financing import advances, history
from infactor.dashboard.rendering import show, today_of
from infactor.financing.accounting import positions as position
from infactor.financing.models import Advance, Offer, RequestLine
from infactor.suppliers import financing_status
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier


@require_safe
@for_supplier
def financing(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    today = today_of(supplier=supplier)
    positions = position.positions(supplier=supplier, today=today)
    rows = advances.funded(supplier=supplier, positions=positions, today=today)
    waiting = RequestLine.objects.filter(supplier=supplier, status=RequestLine.Status.WAITING)
    context: dict[str, Any] = {
        "today": today,
        "why_not": financing_status.may_be_financed(supplier=supplier),
        "offers": [(one, cash(one)) for one in open_offers(supplier, at=timezone.now())],
        "waiting": list(waiting.select_related("invoice", "request").order_by("pk")),
        "accepted": [one for one in positions if one.advance.status == Advance.Status.ACCEPTED],
        "funded": rows,
        "out": advances.out(rows=rows),
        "calendar": [one for one in rows if one.advance.status == Advance.Status.FUNDED],
        "accounts": position.accounts(supplier=supplier),
        "ended": history.ended(supplier=supplier),
    }
    return show(request, "dashboard/financing.html", context, supplier=supplier)


def open_offers(supplier: Supplier, *, at: datetime) -> list[Offer]:
    """Offers that can still be accepted, with their invoices; the one that expires first in front."""
    rows = Offer.objects.filter(supplier=supplier, status=Offer.Status.PROPOSED, expires_at__gt=at)
    return list(rows.prefetch_related("lines__invoice").order_by("expires_at", "pk"))


def cash(offer: Offer) -> Any:
    """What the invoices of an offer bring at once, together."""
    return sum((line.advance for line in offer.lines.all()), start=position.ZERO)
