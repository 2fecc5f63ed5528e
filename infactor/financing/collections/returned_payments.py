"""A payment that the bank takes back: everything that followed from it is undone, and nothing is left unexplained."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from infactor.financing import emails
from infactor.financing.accounting import journal
from infactor.financing.accounting.journal import When
from infactor.financing.advances import collected
from infactor.financing.eligibility import recalculation
from infactor.financing.models import OUT, Advance, Collection, Match
from infactor.ledger.models import Entry, Purpose
from infactor.users.models import User


def undo(*, collection: Collection, when: When, by: User, at: datetime, reason: str) -> None:
    """Reverse what was written of `collection`, reopen what it had closed, and charge what cannot be undone.

    The caller holds the suppliers concerned. An advance that has ended stays so: what its buyer has now not paid is
    owed by the supplier (a written-off one: lost). What was passed on already is owed by the supplier.
    """
    live = list(
        Match.objects.filter(collection=collection, undone_at__isnull=True)
        .select_related("advance__invoice")
        .order_by("position")
    )
    journal.returned(collection=collection, when=when)
    Match.objects.filter(pk__in=[one.pk for one in live]).update(undone_at=at)
    # It may have been matched to one advance in two steps: what it paid of it is undone in one.
    advances = {one.advance.pk: one.advance for one in live if one.kind == Match.Kind.ADVANCE and one.advance}
    for pk, advance in advances.items():
        parts = (one.amount for one in live if one.kind == Match.Kind.ADVANCE and one.advance_id == pk)
        amount = sum(parts, Decimal(0))
        _undo_payment(advance, collection=collection, amount=amount, when=when, by=by, at=at, reason=reason)
    suppliers = sorted({one.supplier_id for one in live})
    for supplier_id in suppliers:
        held = journal.of_supplier(
            purpose=Purpose.PAYABLE_TO_SUPPLIER, supplier_id=supplier_id, currency=collection.currency
        )
        if held < 0:
            journal.overdrawn(collection=collection, supplier_id=supplier_id, amount=-held, when=when)
    recalculation.ask_about(invoice_ids=[one.advance.invoice_id for one in live if one.advance is not None])


def lost_of(*, advance: Advance) -> Decimal:
    """What is still lost of a written-off advance: its bad debt less what was recovered since."""
    entries = Entry.objects.filter(
        transaction__reference__startswith=f"{advance.owner}:", account__purpose=Purpose.BAD_DEBT
    )
    sums = entries.aggregate(debits=Sum("debit"), credits=Sum("credit"))
    recovered = Match.objects.filter(advance=advance, kind=Match.Kind.RECOVERY, undone_at__isnull=True)
    back = recovered.aggregate(sum=Sum("amount"))["sum"]
    zero = Decimal("0.00")
    return max((sums["debits"] or zero) - (sums["credits"] or zero) - (back or zero), zero)


def _undo_payment(
    advance: Advance, *, collection: Collection, amount: Decimal, when: When, by: User, at: datetime, reason: str
) -> None:
    if advance.status == Advance.Status.COLLECTED:
        advance = collected.reopen(advance=advance, by=by, at=at, reason=reason)
    elif advance.status not in OUT:
        journal.owed_after_all(advance=advance, collection=collection, amount=amount, when=when)
    emails.payment_returned(advance=advance, amount=amount, collection=collection, reason=reason)
