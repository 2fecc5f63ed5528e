"""A supplier asks for money on invoices; each line is offered, refused or withdrawn by itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum

from infactor.core import audit
from infactor.core.transitions import move
from infactor.financing import emails, locks, terms_in_force
from infactor.financing.eligibility import reassessment, recalculation, staleness
from infactor.financing.invoice_state import lock_invoices, move_invoice, return_invoice
from infactor.financing.models import REQUEST_LINE_MOVES, FinancingRequest, FundingTerms, Offer, OfferLine, RequestLine
from infactor.financing.origination import offers
from infactor.financing.value_dates import today_of
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.suppliers import access, financing_status
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User

MOST_INVOICES = 200


class RequestRefused(Exception):
    """These invoices cannot be asked for; `problems` says why, a sentence each. Nothing was written."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def ask(
    *,
    supplier: Supplier,
    invoices: Sequence[Invoice],
    by: User,
    at: datetime,
    asked_for: Decimal | None = None,
    why_these: Mapping[str, Any] | None = None,
) -> FinancingRequest:
    """Ask for financing of `invoices` (one supplier's, one currency) as the rules judge them now.

    Where the terms let the house price it, together with what it priced by itself within a day, the offer is made at
    once. Raises NotAllowed for a stranger, and RequestRefused with a sentence for everything that stands against it.
    """
    access.require_member(by=by, supplier=supplier)
    with transaction.atomic():
        ids = [invoice.pk for invoice in invoices]
        locks.hold(supplier_id=supplier.pk, debtor_ids=locks.debtors_of(invoice_ids=ids))
        locked = list(lock_invoices(ids=ids).values())
        currency = _one_currency(locked, supplier=supplier)
        if blockers := financing_status.blockers(supplier=supplier, currency=currency):
            raise RequestRefused(*blockers)
        judged = reassessment.judge(supplier=supplier, invoices=locked, at=at)
        if problems := [
            reassessment.why_not(invoice, judged[invoice.pk]) for invoice in locked if not judged[invoice.pk].is_ready
        ]:
            raise RequestRefused(*problems)
        request = FinancingRequest.objects.create(
            supplier=supplier,
            currency=currency,
            asked_for=asked_for,
            why_these=dict(why_these or {}),
            requested_by=by,
            requested_at=at,
        )
        for invoice in locked:
            RequestLine.objects.create(
                request=request,
                supplier=supplier,
                invoice=invoice,
                state_before=invoice.state,
                face=judged[invoice.pk].face,
                base=judged[invoice.pk].base,
            )
            move_invoice(invoice, to=State.REQUESTED, by=by, at=at)
        audit.record(event="financing.requested", subject=request, by=by, at=at, supplier_id=supplier.pk)
        terms = terms_in_force.terms_for(supplier=supplier, currency=currency, on=today_of(supplier=supplier, at=at))
        if _may_the_house_offer(locked, supplier=supplier, terms=terms, at=at):
            offers.create(request=request, by=None, at=at)
        recalculation.ask_about(invoice_ids=ids)
        return request


def withdraw(*, line: RequestLine, by: User, at: datetime) -> RequestLine:
    """The supplier takes one invoice back: it returns to where it was. Raises MoveRefused once it is answered."""
    access.require_member(by=by, supplier=line.supplier)
    return _end(line, to=RequestLine.Status.WITHDRAWN, by=by, at=at, reason="")


def drop(*, line: RequestLine, at: datetime, reason: str) -> RequestLine:
    """The house takes a line out whose invoice cannot be financed any more, and says why."""
    with transaction.atomic():
        ended = _end(line, to=RequestLine.Status.WITHDRAWN, by=None, at=at, reason=reason)
        emails.request_dropped(line=ended)
        return ended


def refuse(*, line: RequestLine, by: User, at: datetime, reason: str) -> RequestLine:
    """Staff decline one invoice, with a reason that the supplier reads."""
    roles.require(by, "financing.price_requests")
    if not reason.strip():
        raise RequestRefused("Say why: the supplier reads it.")
    with transaction.atomic():
        ended = _end(line, to=RequestLine.Status.REFUSED, by=by, at=at, reason=reason)
        emails.request_refused(line=ended)
        return ended


def refuse_lines(*, lines: Sequence[RequestLine], by: User, at: datetime, reason: str) -> list[RequestLine]:
    """Staff decline several invoices with the same reason, all or none."""
    if not lines:
        raise RequestRefused("Choose at least one invoice.")
    with transaction.atomic():
        return [refuse(line=line, by=by, at=at, reason=reason) for line in lines]


def _end(line: RequestLine, *, to: str, by: User | None, at: datetime, reason: str) -> RequestLine:
    with transaction.atomic():
        locks.hold(supplier_id=line.supplier_id)
        invoice = lock_invoices(ids=[line.invoice_id])[line.invoice_id]
        ended = move(
            line,
            to=to,
            moves=REQUEST_LINE_MOVES,
            by=by,
            at=at,
            supplier_id=line.supplier_id,
            reason=reason,
            changes={"decided_by": by, "decided_at": at, "reason": reason[:300]},
        )
        if to == RequestLine.Status.REFUSED:
            move_invoice(invoice, to=State.REFUSED, by=by, at=at, reason=reason)
        else:
            asked_at = ended.request.requested_at
            return_invoice(invoice, to=ended.state_before, since=asked_at, by=by, at=at, reason=reason)
        recalculation.ask_about(invoice_ids=[line.invoice_id])
        return ended


def _may_the_house_offer(invoices: Sequence[Invoice], *, supplier: Supplier, terms: FundingTerms, at: datetime) -> bool:
    """Whether what an offer would bring now, with what the house offered by itself within a day, is small enough.

    Judged as the offer will be: asked for, an invoice keeps its room, and may bring more than it did among others.
    """
    # What old books say is for a person to judge.
    if not terms.automatic_up_to or any(staleness.old_books(company_file=one.company_file, at=at) for one in invoices):
        return False
    judged = reassessment.judge(supplier=supplier, invoices=invoices, at=at, theirs=True)
    # Several small requests are no way around the underwriter.
    lately = _lately_by_the_house(supplier=supplier, currency=terms.currency, at=at)
    most: Decimal = terms.automatic_up_to
    return sum((judged[one.pk].advance for one in invoices), lately) <= most


def _lately_by_the_house(*, supplier: Supplier, currency: str, at: datetime) -> Decimal:
    """What the house offered by itself within a day, and what was not turned down of it."""
    rows = OfferLine.objects.filter(
        supplier=supplier,
        status__in=[Offer.Status.PROPOSED, Offer.Status.ACCEPTED],
        offer__currency=currency,
        offer__offered_by__isnull=True,
        offer__offered_at__gt=at - timedelta(days=1),
    )
    return rows.aggregate(sum=Sum("advance"))["sum"] or Decimal("0.00")


def _one_currency(invoices: Sequence[Invoice], *, supplier: Supplier) -> str:
    if not invoices or len(invoices) > MOST_INVOICES:
        raise RequestRefused(f"Choose 1 to {MOST_INVOICES} invoices.")
    if any(invoice.supplier_id != supplier.pk for invoice in invoices):
        raise roles.NotAllowed("These are not all your invoices.")
    currencies = {invoice.currency for invoice in invoices}
    if len(currencies) > 1:
        raise RequestRefused("Choose invoices of one currency: each is financed in its own.")
    return currencies.pop()
