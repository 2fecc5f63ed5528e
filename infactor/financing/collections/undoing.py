"""Undoing allocations: what follows for advances and suppliers when a payment, or a part of it, no longer counts."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from infactor.financing.accounting import reversals
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.advances import collected, reopening
from infactor.financing.collections import sent_payments
from infactor.financing.eligibility import recalculation
from infactor.financing.models import (
    CLOSED_STATUSES,
    OUTSTANDING_STATUSES,
    Advance,
    Collection,
    CollectionAllocation,
)
from infactor.ledger.models import Transaction
from infactor.users.models import User


def undo(
    *,
    collection: Collection,
    allocations: Sequence[CollectionAllocation],
    by: User,
    at: datetime,
    reason: str,
    on: date | None = None,
) -> list[Transaction]:
    """Undo these allocations, whose postings the caller has reversed, and return what else had to be posted.

    Advances that they had paid are outstanding again; one that was settled is opened again for it. Of one that was
    bought back or written off, the supplier owes what is now not paid, or it is lost. A surplus that was remitted
    already is owed by the supplier. `on` is the day of the return; without it everything has the day of what it undoes.
    The caller has locked the suppliers.
    """
    CollectionAllocation.objects.filter(pk__in=[one.pk for one in allocations]).update(reversed_at=at)
    sent_payments.reopen(collection=collection, supplier_ids={one.supplier_id for one in allocations})
    posted: list[Transaction] = []
    context = PostingContext(on or collection.value_date, at, by)
    for advance, amount in _paid_advances(allocations):
        current = advance
        if current.status == Advance.Status.SETTLED:
            current, undone = reopening.reopen(advance=current, by=by, at=at, reason=reason, on=on)
            posted += undone
        if current.status in CLOSED_STATUSES:
            collected.reopen_collected(advance=current, by=by, at=at, reason=reason)
        elif current.status not in OUTSTANDING_STATUSES:
            posted.append(
                reversals.post_return_after_closing(
                    advance=current, amount=amount, context=_not_before(current, context)
                )
            )
    for supplier_id in sorted({one.supplier_id for one in allocations}):
        posted += reversals.level_supplier(supplier_id=supplier_id, currency=collection.currency, context=context)
    recalculation.request_recalculation_for_invoices(
        invoice_ids=[one.advance.invoice_id for one in allocations if one.advance is not None]
    )
    return posted


def _paid_advances(allocations: Sequence[CollectionAllocation]) -> list[tuple[Advance, Decimal]]:
    """The advances that the allocations had paid, each once, with what they had paid of it."""
    amounts: dict[int, Decimal] = {}
    for one in allocations:
        if one.kind == CollectionAllocation.Kind.ADVANCE and one.advance_id is not None:
            amounts[one.advance_id] = amounts.get(one.advance_id, Decimal(0)) + one.amount
    rows = Advance.objects.select_related("invoice", "terms", "supplier").in_bulk(amounts)
    return [(rows[pk], amount) for pk, amount in sorted(amounts.items())]


def _not_before(advance: Advance, context: PostingContext) -> PostingContext:
    """`context` on the day on which the advance ended at the earliest: before, it was owed by the buyer."""
    return context._replace(value_date=max(context.value_date, advance.ended_on or context.value_date))
