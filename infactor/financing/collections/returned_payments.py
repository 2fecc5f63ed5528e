"""Returned payments: reverse everything that followed from a payment that the bank returns."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from infactor.financing import emails
from infactor.financing.accounting import balances, journal
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.advances import collected
from infactor.financing.eligibility import recalculation
from infactor.financing.models import OUTSTANDING_STATUSES, Advance, Collection, CollectionAllocation, Notice
from infactor.financing.notices import releases
from infactor.ledger.models import Entry, Purpose
from infactor.users.models import User


def reverse_returned_payment(
    *, collection: Collection, context: PostingContext, by: User, at: datetime, reason: str
) -> None:
    """Reverse the postings of `collection`, reopen the advances that it closed, and charge what cannot be reversed.

    The caller has locked the suppliers. A closed advance stays closed: its supplier owes what the buyer has now not
    paid (after a write-off it is lost). A surplus that was already remitted is owed by the supplier.
    """
    in_force = list(
        CollectionAllocation.objects.filter(collection=collection, reversed_at__isnull=True)
        .select_related("advance__invoice")
        .order_by("position")
    )
    journal.reverse_collection(collection=collection, context=context)
    CollectionAllocation.objects.filter(pk__in=[one.pk for one in in_force]).update(reversed_at=at)
    # Two allocations to one advance are reversed in one step.
    advances = {
        one.advance.pk: one.advance for one in in_force if one.kind == CollectionAllocation.Kind.ADVANCE and one.advance
    }
    for pk, advance in advances.items():
        amounts = (
            one.amount for one in in_force if one.kind == CollectionAllocation.Kind.ADVANCE and one.advance_id == pk
        )
        amount = sum(amounts, Decimal(0))
        _reverse_payment_of(advance, collection=collection, amount=amount, context=context, by=by, at=at, reason=reason)
    suppliers = sorted({one.supplier_id for one in in_force})
    for supplier_id in suppliers:
        payable = balances.supplier_balance(
            purpose=Purpose.PAYABLE_TO_SUPPLIER, supplier_id=supplier_id, currency=collection.currency
        )
        if payable < 0:
            journal.post_overdrawn_surplus(
                collection=collection, supplier_id=supplier_id, amount=-payable, context=context
            )
    recalculation.request_recalculation_for_invoices(
        invoice_ids=[one.advance.invoice_id for one in in_force if one.advance is not None]
    )


def outstanding_loss(*, advance: Advance) -> Decimal:
    """The loss on a written-off advance that is not recovered: its bad debt less recoveries."""
    entries = Entry.objects.filter(
        transaction__reference__startswith=f"{advance.ledger_owner}:", account__purpose=Purpose.BAD_DEBT
    )
    sums = entries.aggregate(debits=Sum("debit"), credits=Sum("credit"))
    recovered = CollectionAllocation.objects.filter(
        advance=advance, kind=CollectionAllocation.Kind.RECOVERY, reversed_at__isnull=True
    )
    recovered_amount = recovered.aggregate(sum=Sum("amount"))["sum"]
    zero = Decimal("0.00")
    return max((sums["debits"] or zero) - (sums["credits"] or zero) - (recovered_amount or zero), zero)


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
        if advance.status == Advance.Status.SETTLED:
            # The supplier owes infactor what came back, and the buyer owes it to the supplier.
            releases.release(advance=advance, reason=Notice.ReleaseReason.PAYMENT_RETURNED, by=by, at=at)
    emails.payment_returned(advance=advance, amount=amount, collection=collection, reason=reason)
