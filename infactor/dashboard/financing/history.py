"""The supplier's financing history: closed advances, offers and requests, the latest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from infactor.financing.models import OPEN_STATUSES, Advance, Offer, OfferLine, RequestLine
from infactor.suppliers.models import Supplier

MAX_ITEMS = 20
MAX_INVOICE_NUMBERS = 3
CLOSED_STATUSES = (RequestLine.Status.REFUSED, RequestLine.Status.WITHDRAWN)


@dataclass(frozen=True)
class HistoryItem:
    """A closed advance, offer or request. `invoices` are the first few numbers; `fee` is None if there was none."""

    day: date
    title: str
    invoices: tuple[str, ...]
    more_invoices: int
    url: str
    status: str
    reason: str = ""
    fee: Decimal | None = None
    currency: str = ""


def financing_history(*, supplier: Supplier) -> list[HistoryItem]:
    """The latest items. A constant number of queries."""
    found = [*_advances(supplier), *_offers(supplier), *_requests(supplier)]
    return sorted(found, key=lambda one: one.day, reverse=True)[:MAX_ITEMS]


def _advances(supplier: Supplier) -> Iterator[HistoryItem]:
    rows = Advance.objects.filter(supplier=supplier).exclude(status__in=OPEN_STATUSES).select_related("invoice")
    for one in rows.order_by("-updated_at", "-pk")[:MAX_ITEMS]:
        yield HistoryItem(
            day=one.ended_on or _local_day(one.updated_at, supplier),
            title=_("Invoice"),
            invoices=(str(one.invoice),),
            more_invoices=0,
            url=reverse("dashboard:invoice", args=[one.invoice.public_id]),
            status=one.get_status_display(),
            reason=one.reason if one.status == Advance.Status.CANCELLED else "",
            fee=one.fee,
            currency=one.currency,
        )


def _offers(supplier: Supplier) -> Iterator[HistoryItem]:
    rows = Offer.objects.filter(supplier=supplier).exclude(status__in=[Offer.Status.PROPOSED, Offer.Status.ACCEPTED])
    lines = Prefetch("lines", OfferLine.objects.select_related("invoice"))
    for one in rows.prefetch_related(lines).order_by("-decided_at", "-pk")[:MAX_ITEMS]:
        names = [str(line.invoice) for line in one.lines.all()]
        yield HistoryItem(
            day=_local_day(one.decided_at or one.updated_at, supplier),
            title=_("Offer for"),
            invoices=tuple(names[:MAX_INVOICE_NUMBERS]),
            more_invoices=max(len(names) - MAX_INVOICE_NUMBERS, 0),
            url=reverse("dashboard:offer", args=[one.public_id]),
            status=one.get_status_display(),
            reason=one.reason if one.status == Offer.Status.WITHDRAWN else "",
        )


def _requests(supplier: Supplier) -> Iterator[HistoryItem]:
    rows = RequestLine.objects.filter(supplier=supplier, status__in=CLOSED_STATUSES).select_related(
        "invoice", "request"
    )
    for one in rows.order_by("-decided_at", "-pk")[:MAX_ITEMS]:
        yield HistoryItem(
            day=_local_day(one.decided_at or one.request.requested_at, supplier),
            title=_("Request for"),
            invoices=(str(one.invoice),),
            more_invoices=0,
            url=reverse("dashboard:financing_request", args=[one.request.public_id]),
            status=one.get_status_display(),
            reason=one.reason,
        )


def _local_day(moment: datetime, supplier: Supplier) -> date:
    return moment.astimezone(supplier.zone).date()
