"""Reversals: the ledger postings of corrections, returned payments, refunds and netting.

Nothing posted is changed. What was wrong is mirrored, and what is right is posted anew.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from infactor.banking import cash
from infactor.financing.accounting import balances, house_cash, references
from infactor.financing.accounting.balances import supplier_ledger_owner
from infactor.financing.accounting.journal import PostingContext, allocation_line, post_for_advance
from infactor.financing.models import Advance, Collection, CollectionAllocation, CollectionCost, Netting, Payout, Refund
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
    """Reverse every posting of a payment that is in force, but for refunds."""
    found = Transaction.objects.filter(
        reference__startswith=f"{collection.ledger_owner}:", reverses__isnull=True, reversed_by__isnull=True
    ).exclude(reference__startswith=f"{collection.ledger_owner}:refunded")
    return [undo(transaction=one, at=at, by=by, description=description, on=on) for one in list(found.order_by("-pk"))]


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


def post_reclaimed_rebate(
    *, payout: Payout, advance: Advance, settled: Transaction, context: PostingContext
) -> Transaction:
    """The settlement of `advance`, posted as `settled`, is undone: the rebate has left, so the supplier owes it.

    A rebate that came back before is not owed by anybody: it is in cash, and stays there. Nothing is paid now, so no
    account need cover it. The line of a statement that confirmed the rebate confirms it still.
    """
    is_back = payout.status == Payout.Status.FAILED
    supplier = supplier_ledger_owner(advance.supplier_id)
    account = house_cash.account_of(transaction=settled)
    reclaimed = posting.post(
        reference=references.numbered_reference(owner=advance.ledger_owner, step="rebate-reclaimed"),
        currency=advance.currency,
        lines=[
            debit(Purpose.PAYOUT_IN_TRANSIT, payout.amount, owner=payout.ledger_owner)
            if is_back
            else debit(Purpose.DUE_FROM_SUPPLIER, payout.amount, owner=supplier),
            cash.outflow(payout.amount, payout.currency, account=account),
        ],
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description=f"Rebate of invoice {advance.invoice} reclaimed"[:200],
        supplier_id=advance.supplier_id,
    )
    house_cash.carry_match(
        undone=settled, instead=reclaimed, reason=reclaimed.description, by=context.by, at=context.at
    )
    return reclaimed


def post_reclaimed_payout_failure(*, payout: Payout, context: PostingContext) -> Transaction:
    """The bank returned a rebate that the supplier owed meanwhile: it owes it no longer."""
    return posting.post(
        reference=f"{payout.ledger_owner}:failed",
        currency=payout.currency,
        lines=[
            cash.inflow(payout.amount, payout.currency, account=house_cash.account_paid_from(payout=payout)),
            credit(Purpose.DUE_FROM_SUPPLIER, payout.amount, owner=supplier_ledger_owner(payout.supplier_id)),
        ],
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description="Reclaimed rebate came back",
        supplier_id=payout.supplier_id,
    )


def post_surplus_netting(*, netting: Netting, context: PostingContext) -> Transaction:
    """What a supplier owes is paid by its surplus."""
    owner = supplier_ledger_owner(netting.supplier_id)
    return posting.post(
        reference=f"{netting.ledger_owner}:netted",
        currency=netting.currency,
        lines=[
            debit(Purpose.PAYABLE_TO_SUPPLIER, netting.amount, owner=owner),
            credit(Purpose.DUE_FROM_SUPPLIER, netting.amount, owner=owner),
        ],
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description="Surplus netted with what the supplier owed",
        supplier_id=netting.supplier_id,
    )


def post_refund(*, refund: Refund, collection: Collection, context: PostingContext) -> Transaction:
    """Unapplied cash goes back to who paid it. Raises Overdrawn where it is not there."""
    return cash.post_covered(
        reference=f"{collection.ledger_owner}:refunded:{refund.pk}",
        currency=collection.currency,
        lines=[
            debit(Purpose.UNAPPLIED_CASH, refund.amount, owner=collection.ledger_owner),
            cash.outflow(refund.amount, collection.currency),
        ],
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description="Refund to the payer",
    )


def post_collection_cost(*, cost: CollectionCost, advance: Advance, context: PostingContext) -> Transaction:
    """infactor pays for the collection of an invoice."""
    return post_for_advance(
        advance,
        reference=f"{advance.ledger_owner}:cost:{cost.pk}",
        context=context,
        description=f"Cost of collecting invoice {advance.invoice}",
        lines=[debit(Purpose.COLLECTION_COSTS, cost.amount), cash.outflow(cost.amount, advance.currency)],
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
