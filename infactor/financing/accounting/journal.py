"""What each step of an advance is in the books: financing.md's table of postings, one function a row.

An advance has accounts of its own (`advance:17`), so that what is still out is a balance. The supplier's are
`supplier:3`, money that waits to be matched is `collection:9`, a payout that came back is `payout:4`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from infactor.financing.models import Advance, Collection, CollectionAllocation, Payout
from infactor.ledger import posting
from infactor.ledger.balances import balance
from infactor.ledger.models import Purpose, Transaction
from infactor.ledger.posting import Line, credit, debit
from infactor.users.models import User


class Outstanding(NamedTuple):
    """What the books say of an advance, in its currency: what the buyer still owes, and what is held back."""

    receivable: Decimal
    reserve: Decimal


class PostingContext(NamedTuple):
    """The value date of a posting, when it is written, and by whom (None: the house)."""

    value_date: date
    at: datetime
    by: User | None


def supplier_ledger_owner(supplier_id: int) -> str:
    """The name under which the ledger keeps a supplier's accounts."""
    return f"supplier:{supplier_id}"


def outstanding(*, advance: Advance) -> Outstanding:
    """What the books say of `advance` now."""
    return Outstanding(
        receivable=balance(purpose=Purpose.RECEIVABLE, owner=advance.ledger_owner, currency=advance.currency),
        reserve=balance(purpose=Purpose.RESERVE, owner=advance.ledger_owner, currency=advance.currency),
    )


def supplier_balance(*, purpose: Purpose, supplier_id: int, currency: str) -> Decimal:
    """What a supplier owes infactor (DUE_FROM_SUPPLIER), or is owed (PAYABLE_TO_SUPPLIER)."""
    return balance(purpose=purpose, owner=supplier_ledger_owner(supplier_id), currency=currency)


def post_funding(*, advance: Advance, context: PostingContext) -> Transaction:
    """The invoice is bought: the face is owed to infactor, the advance is paid, the reserve is held."""
    return _post_for_advance(
        advance,
        step="funded",
        context=context,
        description=f"Advance on invoice {advance.invoice}",
        lines=[
            debit(Purpose.RECEIVABLE, advance.face, owner=advance.ledger_owner),
            credit(Purpose.CASH, advance.amount),
            credit(Purpose.RESERVE, advance.reserve, owner=advance.ledger_owner),
        ],
    )


def post_collection(
    *, collection: Collection, allocations: Sequence[CollectionAllocation], context: PostingContext
) -> Transaction:
    """A payment came in: what is matched goes where it belongs, the rest waits."""
    rest = collection.amount - sum((one.amount for one in allocations), Decimal(0))
    return posting.post(
        reference=f"{collection.ledger_owner}:recorded",
        currency=collection.currency,
        lines=[
            debit(Purpose.CASH, collection.amount),
            *(_allocation_line(one) for one in allocations),
            credit(Purpose.UNAPPLIED_CASH, rest, owner=collection.ledger_owner),
        ],
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description="Payment received",
    )


def post_allocation(
    *, collection: Collection, allocations: Sequence[CollectionAllocation], context: PostingContext
) -> Transaction:
    """Money that had waited goes where it belongs. `matches` are one call's."""
    return posting.post(
        reference=f"{collection.ledger_owner}:matched:{allocations[0].position}",
        currency=collection.currency,
        lines=[
            debit(
                Purpose.UNAPPLIED_CASH,
                sum((one.amount for one in allocations), Decimal(0)),
                owner=collection.ledger_owner,
            ),
            *(_allocation_line(one) for one in allocations),
        ],
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description="Payment matched",
    )


def reverse_collection(*, collection: Collection, context: PostingContext) -> None:
    """The bank took a payment back: everything that was written of it is reversed."""
    of_it = Transaction.objects.filter(reference__startswith=f"{collection.ledger_owner}:", reverses__isnull=True)
    for written in of_it.order_by("-pk"):
        posting.reverse(
            transaction=written,
            value_date=context.value_date,
            at=context.at,
            by=context.by,
            description="Payment returned by the bank",
        )


def post_return_after_closing(
    *, advance: Advance, collection: Collection, amount: Decimal, context: PostingContext
) -> Transaction:
    """A payment for an advance that has ended was taken back: the supplier owes it, or it is lost with the rest."""
    lost = advance.status == Advance.Status.WRITTEN_OFF
    return _post_for_advance(
        advance,
        step=f"returned-after-end:{collection.pk}",
        context=context,
        description=f"Returned after the end, invoice {advance.invoice}",
        lines=[
            debit(Purpose.BAD_DEBT, amount)
            if lost
            else debit(Purpose.DUE_FROM_SUPPLIER, amount, owner=supplier_ledger_owner(advance.supplier_id)),
            credit(Purpose.RECEIVABLE, amount, owner=advance.ledger_owner),
        ],
    )


def post_overdrawn_surplus(
    *, collection: Collection, supplier_id: int, amount: Decimal, context: PostingContext
) -> Transaction:
    """What was passed on to a supplier was taken back by the bank: the supplier owes it."""
    owner = supplier_ledger_owner(supplier_id)
    return posting.post(
        reference=f"{collection.ledger_owner}:overdrawn:{supplier_id}",
        currency=collection.currency,
        lines=[
            debit(Purpose.DUE_FROM_SUPPLIER, amount, owner=owner),
            credit(Purpose.PAYABLE_TO_SUPPLIER, amount, owner=owner),
        ],
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description="Returned after it was passed on",
        supplier_id=supplier_id,
    )


def post_settlement(
    *, advance: Advance, reserve: Decimal, fee: Decimal, set_off: Decimal, context: PostingContext
) -> Transaction:
    """The fee is taken out of the reserve, and what is set off; the rest is paid. What it does not cover is owed."""
    rest, owed = max(reserve - fee, Decimal(0)), max(fee - reserve, Decimal(0))
    supplier, words = supplier_ledger_owner(advance.supplier_id), f"Settlement of invoice {advance.invoice}"
    lines = [
        debit(Purpose.RESERVE, reserve, owner=advance.ledger_owner),
        debit(Purpose.DUE_FROM_SUPPLIER, owed, owner=supplier),
        credit(Purpose.FEE_INCOME, fee),
        credit(Purpose.DUE_FROM_SUPPLIER, set_off, owner=supplier),
        credit(Purpose.CASH, rest - set_off),
    ]
    return _post_for_advance(advance, step="settled", context=context, description=words, lines=lines)


def post_short_payment(
    *, advance: Advance, number: int, amount: Decimal, reserve: Decimal, context: PostingContext
) -> Transaction:
    """The buyer pays so much less: out of the reserve, and past it the supplier owes it."""
    held = min(amount, reserve)
    return _post_for_advance(
        advance,
        step=f"short:{number}",
        context=context,
        description=f"Short payment of invoice {advance.invoice}",
        lines=[
            debit(Purpose.RESERVE, held, owner=advance.ledger_owner),
            debit(Purpose.DUE_FROM_SUPPLIER, amount - held, owner=supplier_ledger_owner(advance.supplier_id)),
            credit(Purpose.RECEIVABLE, amount, owner=advance.ledger_owner),
        ],
    )


def short_payment_dates(*, advance: Advance) -> list[date]:
    """The days on which the buyer was allowed to pay less, each as often as it was."""
    rows = Transaction.objects.filter(reference__startswith=f"{advance.ledger_owner}:short:").order_by("pk")
    return list(rows.values_list("value_date", flat=True))


def post_repurchase(
    *, advance: Advance, outstanding: Outstanding, fee: Decimal, context: PostingContext
) -> Transaction:
    """The supplier buys the invoice back: pays what is open and the fee, less what is held back."""
    return _post_for_advance(
        advance,
        step="repurchased",
        context=context,
        description=f"Repurchase of invoice {advance.invoice}",
        lines=[
            debit(Purpose.CASH, outstanding.receivable + fee - outstanding.reserve),
            debit(Purpose.RESERVE, outstanding.reserve, owner=advance.ledger_owner),
            credit(Purpose.RECEIVABLE, outstanding.receivable, owner=advance.ledger_owner),
            credit(Purpose.FEE_INCOME, fee),
        ],
    )


def post_write_off(*, advance: Advance, outstanding: Outstanding, context: PostingContext) -> Transaction:
    """Nobody pays: the reserve goes first, the rest is lost."""
    return _post_for_advance(
        advance,
        step="written-off",
        context=context,
        description=f"Write-off of invoice {advance.invoice}",
        lines=[
            debit(Purpose.RESERVE, outstanding.reserve, owner=advance.ledger_owner),
            debit(Purpose.BAD_DEBT, outstanding.receivable - outstanding.reserve),
            credit(Purpose.RECEIVABLE, outstanding.receivable, owner=advance.ledger_owner),
        ],
    )


def post_remittance(*, payout: Payout, context: PostingContext) -> Transaction:
    """What belonged to the supplier is paid on."""
    return _post_for_payout(
        payout,
        step="passed-on",
        context=context,
        description="Passed on",
        lines=[
            debit(Purpose.PAYABLE_TO_SUPPLIER, payout.amount, owner=supplier_ledger_owner(payout.supplier_id)),
            credit(Purpose.CASH, payout.amount),
        ],
    )


def post_payout_failure(*, payout: Payout, context: PostingContext) -> Transaction:
    """A payout failed: the money is back, and still to be paid."""
    return _post_for_payout(
        payout,
        step="failed",
        context=context,
        description="Payout failed",
        lines=[
            debit(Purpose.CASH, payout.amount),
            credit(Purpose.PAYOUT_IN_TRANSIT, payout.amount, owner=payout.ledger_owner),
        ],
    )


def post_payout_resent(*, payout: Payout, context: PostingContext) -> Transaction:
    """The failed payout was tried again."""
    return _post_for_payout(
        payout,
        step="sent-again",
        context=context,
        description="Payout sent again",
        lines=[
            debit(Purpose.PAYOUT_IN_TRANSIT, payout.amount, owner=payout.ledger_owner),
            credit(Purpose.CASH, payout.amount),
        ],
    )


def _allocation_line(allocation: CollectionAllocation) -> Line:
    """Where the money of one match goes."""
    match allocation.kind:
        case CollectionAllocation.Kind.ADVANCE if allocation.advance is not None:
            purpose, owner = Purpose.RECEIVABLE, allocation.advance.owner
        case CollectionAllocation.Kind.RECOVERY:
            return credit(Purpose.BAD_DEBT_RECOVERED, allocation.amount)
        case CollectionAllocation.Kind.DUE:
            purpose, owner = Purpose.DUE_FROM_SUPPLIER, supplier_ledger_owner(allocation.supplier_id)
        case _:
            purpose, owner = Purpose.PAYABLE_TO_SUPPLIER, supplier_ledger_owner(allocation.supplier_id)
    return credit(purpose, allocation.amount, owner=owner, supplier_id=allocation.supplier_id)


def _post_for_advance(
    advance: Advance, *, step: str, context: PostingContext, description: str, lines: Sequence[Line]
) -> Transaction:
    return posting.post(
        reference=f"{advance.ledger_owner}:{step}",
        currency=advance.currency,
        lines=lines,
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description=description[:200],
        supplier_id=advance.supplier_id,
    )


def _post_for_payout(
    payout: Payout, *, step: str, context: PostingContext, description: str, lines: Sequence[Line]
) -> Transaction:
    return posting.post(
        reference=f"{payout.ledger_owner}:{step}",
        currency=payout.currency,
        lines=lines,
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description=f"{description}: {payout.get_purpose_display()}",
        supplier_id=payout.supplier_id,
    )
