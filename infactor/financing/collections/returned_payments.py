"""A payment that the bank takes back: everything that followed from it is undone, and nothing is left unexplained."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from infactor.financing import emails
from infactor.financing.accounting import journal
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.advances import collected
from infactor.financing.eligibility import recalculation
from infactor.financing.models import OUTSTANDING_STATUSES, Advance, Collection, CollectionAllocation
from infactor.ledger.models import Entry, Purpose
from infactor.users.models import User


def reverse_returned_payment(
    *, collection: Collection, context: PostingContext, by: User, at: datetime, reason: str
) -> None:
    """Reverse what was written of `collection`, reopen what it had closed, and charge what cannot be undone.

    The caller holds the suppliers concerned. An advance that has ended stays so: what its buyer has now not paid is
    owed by the supplier (a written-off one: lost). What was passed on already is owed by the supplier.
    """
    live = list(
        CollectionAllocation.objects.filter(collection=collection, reversed_at__isnull=True)
        .select_related("advance__invoice")
        .order_by("position")
    )
    journal.reverse_collection(collection=collection, context=context)
    CollectionAllocation.objects.filter(pk__in=[one.pk for one in live]).update(reversed_at=at)
    # It may have been matched to one advance in two steps: what it paid of it is undone in one.
    advances = {
        one.advance.pk: one.advance for one in live if one.kind == CollectionAllocation.Kind.ADVANCE and one.advance
    }
    for pk, advance in advances.items():
        parts = (one.amount for one in live if one.kind == CollectionAllocation.Kind.ADVANCE and one.advance_id == pk)
        amount = sum(parts, Decimal(0))
        _reverse_payment_of(advance, collection=collection, amount=amount, context=context, by=by, at=at, reason=reason)
    suppliers = sorted({one.supplier_id for one in live})
    for supplier_id in suppliers:
        held = journal.supplier_balance(
            purpose=Purpose.PAYABLE_TO_SUPPLIER, supplier_id=supplier_id, currency=collection.currency
        )
        if held < 0:
            journal.post_overdrawn_surplus(
                collection=collection, supplier_id=supplier_id, amount=-held, context=context
            )
    recalculation.request_recalculation_for_invoices(
        invoice_ids=[one.advance.invoice_id for one in live if one.advance is not None]
    )


def outstanding_loss(*, advance: Advance) -> Decimal:
    """What is still lost of a written-off advance: its bad debt less what was recovered since."""
    entries = Entry.objects.filter(
        transaction__reference__startswith=f"{advance.ledger_owner}:", account__purpose=Purpose.BAD_DEBT
    )
    sums = entries.aggregate(debits=Sum("debit"), credits=Sum("credit"))
    recovered = CollectionAllocation.objects.filter(
        advance=advance, kind=CollectionAllocation.Kind.RECOVERY, reversed_at__isnull=True
    )
    back = recovered.aggregate(sum=Sum("amount"))["sum"]
    zero = Decimal("0.00")
    return max((sums["debits"] or zero) - (sums["credits"] or zero) - (back or zero), zero)


def _reverse_payment_of(
    advance: Advance,
    *,
    collection: Collection,
    amount: Decimal,
    context: PostingContext,
    by: User,
    at: datetime,
    reason: str,
) -> None:
    if advance.status == Advance.Status.COLLECTED:
        advance = collected.reopen_collected(advance=advance, by=by, at=at, reason=reason)
    elif advance.status not in OUTSTANDING_STATUSES:
        journal.post_return_after_closing(advance=advance, collection=collection, amount=amount, context=context)
    emails.payment_returned(advance=advance, amount=amount, collection=collection, reason=reason)
