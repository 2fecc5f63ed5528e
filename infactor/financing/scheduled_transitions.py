"""Scheduled transitions: what time, books and buyers' answers change in requests, offers and advances. Idempotent."""

from datetime import datetime
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Model, QuerySet

from infactor.core.transitions import TransitionNotAllowed
from infactor.financing import holds
from infactor.financing.advances import cases, funding
from infactor.financing.eligibility import recalculation
from infactor.financing.eligibility.marked_buyers import marks_by_root
from infactor.financing.models import (
    NOT_ARRIVED,
    NOT_BOUGHT,
    OUTSTANDING_STATUSES,
    UNSENT,
    Advance,
    Case,
    DebtorMark,
    Offer,
    OfferLine,
    Payout,
    RequestLine,
)
from infactor.financing.origination import offers, requests
from infactor.financing.value_dates import MAX_UTC_OFFSET, supplier_today
from infactor.financing.watch import bankruptcies, watching
from infactor.invoices.customer_hierarchy import roots_of
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus
from infactor.users.models import User
from infactor.verification import answers
from infactor.verification.models import Verification

# In these states an invoice is no longer owed, or not in full.
NO_LONGER_OWED = {
    BooksStatus.PARTLY_PAID: "partly paid in QuickBooks",
    BooksStatus.VOIDED: "voided in QuickBooks",
    BooksStatus.DELETED: "deleted in QuickBooks",
    BooksStatus.PAID: "paid in QuickBooks",
}
DISPUTED = "disputed by the buyer"
NOT_BOUGHT_REASONS: dict[str, str] = {
    DebtorMark.Kind.DO_NOT_BUY: "taken off, because we do not buy its buyer's invoices at present",
    DebtorMark.Kind.BANKRUPT: "taken off, because its buyer is insolvent as far as we know",
}
log = structlog.get_logger(__name__)


def apply_due(*, at: datetime) -> int:
    """Apply every transition that is due, and return how many. What somebody else did first is skipped."""
    steps = (
        _expire_offers,
        _cancel_requests,
        _withdraw_offers,
        _cancel_advances,
        _open_disputes,
        _open_recourse_cases,
        _keep_bankruptcy_cases,
        _watch_books,
    )
    return sum(step(at) for step in steps)


def on_verification_changed(*, verification: Verification, at: datetime, by: User | None) -> None:
    """Request a recalculation: it runs later, when the invoice is no longer locked."""
    recalculation.request_recalculation(supplier_ids=[verification.supplier_id])


def _expire_offers(at: datetime) -> int:
    return sum(_attempt(partial(offers.expire, offer=offer, at=at)) for offer in offers.expired_offers(at=at))


def _cancel_requests(at: datetime) -> int:
    waiting = RequestLine.objects.filter(status=RequestLine.Status.WAITING).select_related("invoice", "supplier")
    return sum(
        _attempt(partial(requests.cancel_by_system, line=line, at=at, reason=reason))
        for line, reason in _no_longer_financeable(waiting)
    )


def _withdraw_offers(at: datetime) -> int:
    proposed = OfferLine.objects.filter(status=Offer.Status.PROPOSED).select_related("invoice", "offer__supplier")
    # An offer is valid only as a whole. The supplier can request its other invoices again.
    reasons = {line.offer: f"Invoice {line.invoice} was {reason}." for line, reason in _no_longer_financeable(proposed)}
    return sum(
        _attempt(partial(offers.withdraw_by_system, offer=offer, at=at, reason=reason))
        for offer, reason in reasons.items()
    )


def _cancel_advances(at: datetime) -> int:
    accepted = Advance.objects.filter(status=Advance.Status.ACCEPTED)
    waiting = accepted.select_related("invoice", "supplier", "offer_line__request_line")
    return sum(
        _attempt(partial(funding.cancel_by_system, advance=advance, at=at, reason=reason))
        for advance, reason in _no_longer_financeable(waiting)
    )


def _open_disputes(at: datetime) -> int:
    """Open a case for each funded invoice that its buyer disputed by the verification link."""
    disputed = Verification.objects.filter(status=Verification.Status.DISPUTED).values("invoice")
    outstanding = Advance.objects.filter(status__in=OUTSTANDING_STATUSES, invoice__in=disputed).select_related(
        "supplier"
    )
    without = holds.without_case(advances=outstanding)
    verifications = Verification.objects.in_bulk([confirmation.verification_id for _, confirmation in without])
    return sum(
        _attempt(
            partial(
                cases.open_buyer_dispute,
                advance=advance,
                at=at,
                reason=verifications[confirmation.verification_id].dispute_reason or "The buyer disputes it.",
            )
        )
        for advance, confirmation in without
    )


def _open_recourse_cases(at: datetime) -> int:
    """Open a case for each advance that is unpaid on its recourse date, in the supplier's time zone.

    Not while its money is here: the supplier does not buy back what it was never paid for.
    """
    here = Payout.objects.filter(purpose=Payout.Purpose.ADVANCE, status__in=(*UNSENT, *NOT_ARRIVED))
    overdue = Advance.objects.filter(status=Advance.Status.FUNDED, recourse_on__lte=(at + MAX_UTC_OFFSET).date())
    overdue = overdue.exclude(pk__in=here.values("advance"))
    return sum(
        _attempt(partial(cases.open_recourse, advance=advance, at=at))
        for advance in overdue.exclude(cases__kind=Case.Kind.RECOURSE).select_related("supplier", "invoice")
        if supplier_today(supplier=advance.supplier, at=at) >= advance.recourse_on
    )


def _keep_bankruptcy_cases(at: datetime) -> int:
    """Open a case for each funded advance of a bankrupt debtor, and close it when the mark ends."""
    return sum(
        _attempt(partial(bankruptcies.keep_case, advance=advance, at=at))
        for advance in bankruptcies.advances_to_change()
    )


def _watch_books(at: datetime) -> int:
    """Compare the funded invoices of each supplier whose books, payments or deadlines moved on."""
    return sum(
        _attempt(partial(watching.watch, supplier_id=supplier_id, at=at))
        for supplier_id in watching.suppliers_due(at=at)
    )


def _no_longer_financeable(rows: "QuerySet[Any]") -> list[tuple[Any, str]]:
    """The rows whose invoice is disputed or no longer owed in full, each with the reason."""
    candidates = list(rows)
    confirmations = answers.confirmations_by_invoice(invoices=[row.invoice_id for row in candidates])
    not_bought = _not_bought(candidates)
    found = []
    for row in candidates:
        confirmation = confirmations.get(row.invoice_id)
        is_disputed = confirmation is not None and confirmation.is_disputed
        reason = _reason(row.invoice, is_disputed=is_disputed) or not_bought.get(row.invoice.buyer_id, "")
        if reason:
            found.append((row, reason))
    return found


def _not_bought(rows: "list[Any]") -> dict[int, str]:
    """Why nothing of a buyer is bought: staff marked its debtor. By the ids of buyers and sub-customers."""
    marks = marks_by_root()
    if not marks:
        return {}
    roots = roots_of(buyers={row.invoice.buyer_id for row in rows if row.invoice.buyer_id is not None})
    return {
        buyer: NOT_BOUGHT_REASONS[marks[root].kind]
        for buyer, root in roots.items()
        if root in marks and marks[root].kind in NOT_BOUGHT
    }


def _reason(invoice: Invoice, *, is_disputed: bool) -> str:
    return NO_LONGER_OWED.get(BooksStatus(invoice.books_status), DISPUTED if is_disputed else "")


def _attempt(transition: "partial[Any]") -> int:
    """1 if it was applied, or the number that it returns; 0 if somebody was first or it failed. Others go on."""
    try:
        with transaction.atomic():
            result = transition()
    except (TransitionNotAllowed, offers.OfferError, cases.CaseError):
        return 0
    except Exception:
        # The failure is logged and retried in the next run. The other rows go on.
        subject = {name: row.pk for name, row in transition.keywords.items() if isinstance(row, Model)}
        log.exception("transition_failed", step=transition.func.__qualname__, **subject)
        return 0
    return result if isinstance(result, int) else int(result is not None)
