"""What came to an end of a supplier's financing, the latest first: advances, offers, requests."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.urls import reverse

from infactor.financing.models import OPEN, Advance, Offer, RequestLine
from infactor.suppliers.models import Supplier

SHOWN = 20
NAMED = 3
DECIDED = (RequestLine.Status.REFUSED, RequestLine.Status.WITHDRAWN)


@dataclass(frozen=True)
class Ended:
    """One of them: what it was, of which invoices, how and when it ended, and what it cost (None: nothing)."""

    on: date
    what: str
    invoices: tuple[str, ...]
    more: int
    url: str
    status: str
    why: str = ""
    fee: Decimal | None = None
    currency: str = ""


def ended(*, supplier: Supplier) -> list[Ended]:
    """The last of them. Few queries however many."""
    found = [*_advances(supplier), *_offers(supplier), *_requests(supplier)]
    return sorted(found, key=lambda one: one.on, reverse=True)[:SHOWN]


def _advances(supplier: Supplier) -> Iterator[Ended]:
    rows = Advance.objects.filter(supplier=supplier).exclude(status__in=OPEN).select_related("invoice")
    for one in rows.order_by("-updated_at", "-pk")[:SHOWN]:
        yield Ended(
            on=one.ended_on or _day(one.updated_at, supplier),
            what="Invoice",
            invoices=(str(one.invoice),),
            more=0,
            url=reverse("dashboard:invoice", args=[one.invoice.public_id]),
            status=one.get_status_display(),
            why=one.reason if one.status == Advance.Status.CANCELLED else "",
            fee=one.fee,
            currency=one.currency,
        )


def _offers(supplier: Supplier) -> Iterator[Ended]:
    rows = Offer.objects.filter(supplier=supplier).exclude(status__in=[Offer.Status.PROPOSED, Offer.Status.ACCEPTED])
    for one in rows.prefetch_related("lines__invoice").order_by("-decided_at", "-pk")[:SHOWN]:
        names = [str(line.invoice) for line in one.lines.all()]
        yield Ended(
            on=_day(one.decided_at or one.updated_at, supplier),
            what="Offer for",
            invoices=tuple(names[:NAMED]),
            more=max(len(names) - NAMED, 0),
            url=reverse("dashboard:offer", args=[one.public_id]),
            status=one.get_status_display(),
            why=one.reason if one.status == Offer.Status.WITHDRAWN else "",
        )


def _requests(supplier: Supplier) -> Iterator[Ended]:
    rows = RequestLine.objects.filter(supplier=supplier, status__in=DECIDED).select_related("invoice", "request")
    for one in rows.order_by("-decided_at", "-pk")[:SHOWN]:
        yield Ended(
            on=_day(one.decided_at or one.request.requested_at, supplier),
            what="Request for",
            invoices=(str(one.invoice),),
            more=0,
            url=reverse("dashboard:request_page", args=[one.request.public_id]),
            status=one.get_status_display(),
            why=one.reason,
        )


def _day(moment: datetime, supplier: Supplier) -> date:
    return moment.astimezone(supplier.zone).date()
