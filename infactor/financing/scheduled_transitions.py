"""What the clock, the books and the buyers' answers do to requests, offers and advances; done twice, done once."""

from datetime import datetime
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Model, QuerySet

from infactor.core.transitions import TransitionNotAllowed
from infactor.financing.advances import cases, funding
from infactor.financing.eligibility import recalculation
from infactor.financing.models import OUTSTANDING_STATUSES, Advance, Case, Offer, OfferLine, RequestLine
from infactor.financing.origination import offers, requests
from infactor.financing.value_dates import supplier_today
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus
from infactor.users.models import User
from infactor.verification import answers
from infactor.verification.models import Verification

# In these an invoice is not owed any more, or not all of it: nobody may buy it.
NO_LONGER_OWED = {
    BooksStatus.PARTLY_PAID: "partly paid in QuickBooks",
    BooksStatus.VOIDED: "voided in QuickBooks",
    BooksStatus.DELETED: "deleted in QuickBooks",
    BooksStatus.PAID: "paid in QuickBooks",
}
DISPUTED = "disputed by the buyer"
log = structlog.get_logger(__name__)


def apply_due(*, at: datetime) -> int:
    """Everything that is due now; how many things were done. What somebody else did first is left alone."""
    steps = (_expire_offers, _cancel_requests, _withdraw_offers, _cancel_advances, _open_disputes, _open_recourse_cases)
    return sum(step(at) for step in steps)


def on_verification_changed(*, verification: Verification, at: datetime, by: User | None) -> None:
    """A buyer was asked or has answered: what that means is judged soon, and not with the invoice locked."""
    recalculation.request_recalculation(supplier_ids=[verification.supplier_id])


def _expire_offers(at: datetime) -> int:
    return sum(_attempt(partial(offers.expire, offer=offer, at=at)) for offer in offers.expired_offers(at=at))


def _cancel_requests(at: datetime) -> int:
    waiting = RequestLine.objects.filter(status=RequestLine.Status.WAITING).select_related("invoice", "supplier")
    return sum(
        _attempt(partial(requests.cancel_by_system, line=line, at=at, reason=why))
        for line, why in _no_longer_financeable(waiting)
    )


def _withdraw_offers(at: datetime) -> int:
    proposed = OfferLine.objects.filter(status=Offer.Status.PROPOSED).select_related("invoice", "offer__supplier")
    # An offer holds as a whole: with one of its invoices gone it is made anew for the others.
    found = {line.offer: f"Invoice {line.invoice} was {why}." for line, why in _no_longer_financeable(proposed)}
    return sum(
        _attempt(partial(offers.withdraw_by_system, offer=offer, at=at, reason=why)) for offer, why in found.items()
    )


def _cancel_advances(at: datetime) -> int:
    accepted = Advance.objects.filter(status=Advance.Status.ACCEPTED)
    waiting = accepted.select_related("invoice", "supplier", "offer_line__request_line")
    return sum(
        _attempt(partial(funding.cancel_by_system, advance=advance, at=at, reason=why))
        for advance, why in _no_longer_financeable(waiting)
    )


def _open_disputes(at: datetime) -> int:
    """A buyer says by its link that something is wrong with a funded invoice."""
    disputed = Verification.objects.filter(status=Verification.Status.DISPUTED).values("invoice")
    out = Advance.objects.filter(status__in=OUTSTANDING_STATUSES, invoice__in=disputed).select_related("supplier")
    told = cases.without_case(advances=out)
    words = Verification.objects.in_bulk([word.verification_id for _, word in told])
    return sum(
        _attempt(
            partial(
                cases.open_buyer_dispute,
                advance=advance,
                at=at,
                reason=words[word.verification_id].dispute_reason or "The buyer disputes it.",
            )
        )
        for advance, word in told
    )


def _open_recourse_cases(at: datetime) -> int:
    """Unpaid on the recourse date, in the supplier's time zone."""
    late = Advance.objects.filter(status=Advance.Status.FUNDED, recourse_on__lte=at.date())
    return sum(
        _attempt(partial(cases.open_recourse, advance=advance, at=at))
        for advance in late.exclude(cases__kind=Case.Kind.RECOURSE).select_related("supplier", "invoice")
        if supplier_today(supplier=advance.supplier, at=at) >= advance.recourse_on
    )


def _no_longer_financeable(rows: "QuerySet[Any]") -> list[tuple[Any, str]]:
    """The rows whose invoice is not owed any more, or disputed, each with the reason in words."""
    found = list(rows)
    heard = answers.confirmations_by_invoice(invoices=[row.invoice_id for row in found])
    lost = []
    for row in found:
        why = _reason(row.invoice, is_disputed=row.invoice_id in heard and heard[row.invoice_id].is_disputed)
        if why:
            lost.append((row, why))
    return lost


def _reason(invoice: Invoice, *, is_disputed: bool) -> str:
    return NO_LONGER_OWED.get(BooksStatus(invoice.books_status), DISPUTED if is_disputed else "")


def _attempt(act: "partial[Any]") -> int:
    """1 if it was done, 0 where somebody else was first, or where it cannot be done: that stops no other."""
    try:
        with transaction.atomic():
            act()
    except (TransitionNotAllowed, offers.OfferError, cases.CaseError):
        return 0
    except Exception:
        # Whatever is wrong with one row is told, and tried again with the next round; everybody else goes on.
        subject = {name: row.pk for name, row in act.keywords.items() if isinstance(row, Model)}
        log.exception("not_followed", step=act.func.__qualname__, **subject)
        return 0
    return 1
