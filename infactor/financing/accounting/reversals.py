"""Reversals: the ledger postings of corrections, returned payments, refunds and netting.

Nothing posted is changed. What was wrong is mirrored, and what is right is posted anew.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from infactor.banking import cash
from infactor.financing.accounting import balances, house_cash, references
from infactor.financing.accounting.balances import supplier_ledger_owner
from infactor.financing.accounting.journal import PostingContext, allocation_line, in_transit, post_for_advance
from infactor.financing.models import Advance, Collection, CollectionAllocation, CollectionCost, Netting, Payout
from infactor.ledger import posting
from infactor.ledger.models import Purpose, Transaction
from infactor.ledger.posting import credit, debit
from infactor.users.models import User

# Steps of an advance that end it, each with what may be posted after it for a payment that is returned.
AFTER_CLOSING = "returned-after-closing"


def undo(
    *, transaction: Transaction, at: datetime, by: User | None, description: str, on: date | None = None
) -> Transaction:
    """Reverse `transaction` on the day `on`, of what has come to be; without it on its own day, as if it never was."""
    return posting.reverse(
        transaction=transaction,
        value_date=max(on or transaction.value_date, transaction.value_date),
        at=at,
        by=by,
        description=description[:200],
    )


def undo_on(*, transaction: Transaction, on: date, at: datetime, by: User | None, description: str) -> Transaction:
    """Reverse `transaction` on the day `on`, also on one before its own: for a reversal that had another day."""
    return posting.reverse(transaction=transaction, value_date=on, at=at, by=by, description=description[:200])


def undo_steps(
    *, owner: str, steps: Sequence[str], at: datetime, by: User | None, description: str, on: date | None = None
) -> list[Transaction]:
    """Reverse every posting of these steps that is in force, the last one first."""
    found = [one for step in steps for one in references.in_force(owner=owner, step=step)]
    return [
        undo(transaction=one, at=at, by=by, description=description, on=on)
        for one in sorted(found, key=lambda one: -one.pk)
    ]


def undo_collection(
    *, collection: Collection, at: datetime, by: User | None, description: str, on: date | None = None
) -> list[Transaction]:
    """Reverse every posting of a payment that is in force, but for refunds.

    Raises AccountClosed where the money came on a house account that is closed.
    """
    rows = Transaction.objects.filter(
        reference__startswith=f"{collection.ledger_owner}:", reverses__isnull=True, reversed_by__isnull=True
    ).exclude(reference__startswith=f"{collection.ledger_owner}:refunded")
    found = list(rows.order_by("-pk"))
    house_cash.lock_open(transactions=found)
    return [undo(transaction=one, at=at, by=by, description=description, on=on) for one in found]


def post_unmatching(
    *, collection: Collection, allocations: Sequence[CollectionAllocation], context: PostingContext
) -> Transaction:
    """Allocations of a payment are undone: the money is unapplied again."""
    amount = sum((one.amount for one in allocations), Decimal(0))
    mirrors = [allocation_line(one) for one in allocations]
    return posting.post(
        reference=f"{collection.ledger_owner}:unmatched:{allocations[0].position}",
        currency=collection.currency,
        lines=[
            *(debit(one.purpose, one.credit, owner=one.owner, supplier_id=one.supplier_id) for one in mirrors),
            credit(Purpose.UNAPPLIED_CASH, amount, owner=collection.ledger_owner),
        ],
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description="Payment unmatched",
    )


def post_return_after_closing(*, advance: Advance, amount: Decimal, context: PostingContext) -> Transaction:
    """A payment of an advance that was bought back or written off is undone: the supplier owes it, or it is lost."""
    lost = advance.status == Advance.Status.WRITTEN_OFF
    owner = advance.ledger_owner
    return post_for_advance(
        advance,
        reference=references.numbered_reference(owner=owner, step=AFTER_CLOSING),
        context=context,
        description=f"Returned after closing, invoice {advance.invoice}",
        lines=[
            debit(Purpose.BAD_DEBT, amount)
            if lost
            else debit(Purpose.DUE_FROM_SUPPLIER, amount, owner=supplier_ledger_owner(advance.supplier_id)),
            credit(Purpose.RECEIVABLE, amount, owner=owner),
        ],
    )


def post_reclaimed_rebate(*, payout: Payout, advance: Advance, context: PostingContext) -> Transaction:
    """The settlement of `advance` is undone, and its rebate has left: the supplier owes it.

    The reversal of the settlement took the rebate out of transit; it is put there again, as `payout`, for it is on its
    way, or has arrived. A statement confirms it as if nothing had happened.
    """
    return posting.post(
        reference=references.numbered_reference(owner=advance.ledger_owner, step="rebate-reclaimed"),
        currency=advance.currency,
        lines=[
            debit(Purpose.DUE_FROM_SUPPLIER, payout.amount, owner=supplier_ledger_owner(advance.supplier_id)),
            *in_transit(payout),
        ],
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description=f"Rebate of invoice {advance.invoice} reclaimed"[:200],
        supplier_id=advance.supplier_id,
    )


def undo_attempts(
    *, payout: Payout, nettings: Sequence[Netting], at: datetime, by: User | None, description: str, on: date | None
) -> list[Transaction]:
    """Undo how money came to `payout`, its last attempt: each time it was prepared again, and what was netted then.

    With the reversal of the decision that first prepared it, nothing of it is in transit any more.
    """
    posted, last = [], payout
    while last.replaces is not None:
        last = last.replaces
        posted += undo_steps(owner=last.ledger_owner, steps=["resent"], at=at, by=by, description=description, on=on)
    for one in nettings:
        if one.payout_id is not None:
            owner = one.ledger_owner
            posted += undo_steps(owner=owner, steps=["netted"], at=at, by=by, description=description, on=on)
    return posted


def post_reclaim_ended(*, payout: Payout, supplier_id: int, context: PostingContext) -> Transaction:
    """A rebate that the supplier owed meanwhile did not arrive: it owes it no longer."""
    return posting.post(
        reference=f"{payout.ledger_owner}:reclaim-ended",
        currency=payout.currency,
        lines=[
            debit(Purpose.PAYOUT_IN_TRANSIT, payout.amount, owner=payout.ledger_owner),
            credit(Purpose.DUE_FROM_SUPPLIER, payout.amount, owner=supplier_ledger_owner(supplier_id)),
        ],
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description="Reclaimed rebate did not arrive",
        supplier_id=supplier_id,
    )


def post_netting(*, netting: Netting, context: PostingContext) -> Transaction:
    """What a supplier owes is paid by its surplus, or by a payout that did not arrive."""
    owner, failed = supplier_ledger_owner(netting.supplier_id), netting.payout
    paid_by = (
        debit(Purpose.PAYABLE_TO_SUPPLIER, netting.amount, owner=owner)
        if failed is None
        else debit(Purpose.PAYOUT_IN_TRANSIT, netting.amount, owner=failed.ledger_owner)
    )
    return posting.post(
        reference=f"{netting.ledger_owner}:netted",
        currency=netting.currency,
        lines=[paid_by, credit(Purpose.DUE_FROM_SUPPLIER, netting.amount, owner=owner)],
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description=f"{'Surplus' if failed is None else 'Payout'} netted with what the supplier owed",
        supplier_id=netting.supplier_id,
    )


def post_put_back(*, payout: Payout, supplier_id: int, context: PostingContext) -> Transaction:
    """A surplus that did not arrive is held for the supplier again."""
    return posting.post(
        reference=f"{payout.ledger_owner}:put-back",
        currency=payout.currency,
        lines=[
            debit(Purpose.PAYOUT_IN_TRANSIT, payout.amount, owner=payout.ledger_owner),
            credit(Purpose.PAYABLE_TO_SUPPLIER, payout.amount, owner=supplier_ledger_owner(supplier_id)),
        ],
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description="Surplus put back",
        supplier_id=supplier_id,
    )


def post_refund(*, payout: Payout, collection: Collection, context: PostingContext) -> Transaction:
    """Unapplied cash is on its way back to who paid it. Raises Overdrawn where it is not there."""
    return cash.post_covered(
        reference=references.next_reference(owner=collection.ledger_owner, step=f"refunded:{payout.pk}"),
        currency=collection.currency,
        lines=[debit(Purpose.UNAPPLIED_CASH, payout.amount, owner=collection.ledger_owner), *in_transit(payout)],
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description="Refund to the payer",
    )


def undo_refund(*, payout: Payout, collection: Collection, at: datetime, by: User | None, on: date) -> Transaction:
    """A refund did not arrive: its money is unapplied cash of the payment again."""
    posted = references.in_force(owner=collection.ledger_owner, step=f"refunded:{payout.pk}").get()
    return undo(transaction=posted, at=at, by=by, description="Refund did not arrive", on=on)


def post_collection_cost(*, cost: CollectionCost, advance: Advance, context: PostingContext) -> Transaction:
    """infactor pays for the collection of an invoice: in transit until the statement has the debit.

    It is infactor's own money, so the posting is not the supplier's.
    """
    return cash.post_covered(
        reference=references.next_reference(owner=advance.ledger_owner, step=f"cost:{cost.pk}"),
        currency=advance.currency,
        lines=[
            debit(Purpose.COLLECTION_COSTS, cost.amount),
            credit(Purpose.PAYOUT_IN_TRANSIT, cost.amount, owner=cost.ledger_owner),
        ],
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description=f"Cost of collecting invoice {advance.invoice}"[:200],
    )


def level_supplier(*, supplier_id: int, currency: str, context: PostingContext) -> list[Transaction]:
    """Move what a correction or a return left on the wrong side of a supplier's accounts, and return the postings.

    A surplus below zero was remitted and then undone: the supplier owes it. A debt below zero was paid and then
    undone: infactor owes it to the supplier. The caller has locked the supplier.
    """
    owner = supplier_ledger_owner(supplier_id)
    posted = []
    for step, purpose in (("overdrawn", Purpose.PAYABLE_TO_SUPPLIER), ("overpaid", Purpose.DUE_FROM_SUPPLIER)):
        below = -balances.supplier_balance(purpose=purpose, supplier_id=supplier_id, currency=currency)
        if below <= 0:
            continue
        posted.append(
            posting.post(
                reference=references.numbered_reference(owner=owner, step=step),
                currency=currency,
                lines=[
                    debit(Purpose.DUE_FROM_SUPPLIER, below, owner=owner),
                    credit(Purpose.PAYABLE_TO_SUPPLIER, below, owner=owner),
                ],
                value_date=context.value_date,
                at=context.at,
                by=context.by,
                description="Undone after it was paid on" if step == "overdrawn" else "Undone after it was paid",
                supplier_id=supplier_id,
            )
        )
    return posted
