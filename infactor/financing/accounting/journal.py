"""The journal: the ledger postings of each step of financing, one function for each row of docs/domain/postings.md.

Each advance has its own accounts in the ledger (owner `advance:17`), so what is outstanding is a balance. The
supplier's accounts have the owner `supplier:3`, an unallocated payment `collection:9`, a returned payout `payout:4`.
Cash has an account for each house account: money moves on the default one of its currency, a payment on the one whose
statement it came with. What would overdraw an account that may not be raises banking.cash.Overdrawn.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from infactor.banking import cash
from infactor.financing.accounting.balances import Outstanding, supplier_ledger_owner
from infactor.financing.models import Advance, Collection, CollectionAllocation, Payout
from infactor.ledger import posting
from infactor.ledger.models import Purpose, Transaction
from infactor.ledger.posting import Line, credit, debit
from infactor.users.models import User


class PostingContext(NamedTuple):
    """The value date of a posting, when it is written, and by whom (None: the system)."""

    value_date: date
    at: datetime
    by: User | None


def post_funding(*, advance: Advance, context: PostingContext) -> Transaction:
    """The invoice is purchased: its face becomes a receivable, the advance is paid, the reserve is held."""
    return _post_for_advance(
        advance,
        step="funded",
        context=context,
        description=f"Advance on invoice {advance.invoice}",
        lines=[
            debit(Purpose.RECEIVABLE, advance.face, owner=advance.ledger_owner),
            cash.outflow(advance.amount, advance.currency),
            credit(Purpose.RESERVE, advance.reserve, owner=advance.ledger_owner),
        ],
    )


def post_collection(
    *, collection: Collection, allocations: Sequence[CollectionAllocation], context: PostingContext
) -> Transaction:
    """A payment arrived: credit what it is allocated to; the rest is unapplied cash."""
    rest = collection.amount - sum((one.amount for one in allocations), Decimal(0))
    return posting.post(
        reference=f"{collection.ledger_owner}:recorded",
        currency=collection.currency,
        lines=[
            cash.inflow(collection.amount, collection.currency, account=collection.house_account),
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
    """Unapplied cash is allocated. `allocations` are those of one call."""
    return posting.post(
        reference=f"{collection.ledger_owner}:allocated:{allocations[0].position}",
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
        description="Payment allocated",
    )


def reverse_collection(*, collection: Collection, context: PostingContext) -> None:
    """The bank returned a payment: reverse every posting of it."""
    postings = Transaction.objects.filter(reference__startswith=f"{collection.ledger_owner}:", reverses__isnull=True)
    for posted in postings.order_by("-pk"):
        posting.reverse(
            transaction=posted,
            value_date=context.value_date,
            at=context.at,
            by=context.by,
            description="Payment returned by the bank",
        )


def post_return_after_closing(
    *, advance: Advance, collection: Collection, amount: Decimal, context: PostingContext
) -> Transaction:
    """A payment of a closed advance was returned: the supplier owes it, or it is lost after a write-off."""
    lost = advance.status == Advance.Status.WRITTEN_OFF
    return _post_for_advance(
        advance,
        step=f"returned-after-closing:{collection.pk}",
        context=context,
        description=f"Returned after closing, invoice {advance.invoice}",
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
    """A surplus was remitted and then returned by the buyer's bank: the supplier owes it."""
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
        description="Returned after it was remitted",
        supplier_id=supplier_id,
    )


def post_settlement(
    *, advance: Advance, reserve: Decimal, fee: Decimal, set_off: Decimal, context: PostingContext
) -> Transaction:
    """The reserve pays the fee and the set-off, the supplier gets the rest. It owes a fee beyond the reserve."""
    rest, owed = max(reserve - fee, Decimal(0)), max(fee - reserve, Decimal(0))
    supplier = supplier_ledger_owner(advance.supplier_id)
    description = f"Settlement of invoice {advance.invoice}"
    lines = [
        debit(Purpose.RESERVE, reserve, owner=advance.ledger_owner),
        debit(Purpose.DUE_FROM_SUPPLIER, owed, owner=supplier),
        credit(Purpose.FEE_INCOME, fee),
        credit(Purpose.DUE_FROM_SUPPLIER, set_off, owner=supplier),
        cash.outflow(rest - set_off, advance.currency),
    ]
    return _post_for_advance(advance, step="settled", context=context, description=description, lines=lines)


def post_short_payment(
    *, advance: Advance, number: int, amount: Decimal, reserve: Decimal, context: PostingContext
) -> Transaction:
    """The buyer pays `amount` less: the reserve covers it, and beyond the reserve the supplier owes it."""
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
    """The value dates of the accepted short payments, one for each."""
    rows = Transaction.objects.filter(reference__startswith=f"{advance.ledger_owner}:short:").order_by("pk")
    return list(rows.values_list("value_date", flat=True))


def post_repurchase(
    *, advance: Advance, outstanding: Outstanding, fee: Decimal, context: PostingContext
) -> Transaction:
    """The supplier repurchases the invoice: it pays what is outstanding and the fee, less the reserve."""
    return _post_for_advance(
        advance,
        step="repurchased",
        context=context,
        description=f"Repurchase of invoice {advance.invoice}",
        lines=[
            cash.inflow(outstanding.receivable + fee - outstanding.reserve, advance.currency),
            debit(Purpose.RESERVE, outstanding.reserve, owner=advance.ledger_owner),
            credit(Purpose.RECEIVABLE, outstanding.receivable, owner=advance.ledger_owner),
            credit(Purpose.FEE_INCOME, fee),
        ],
    )


def post_write_off(*, advance: Advance, outstanding: Outstanding, context: PostingContext) -> Transaction:
    """Nobody pays: the reserve covers the loss first, the rest is bad debt."""
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
    """A surplus is remitted to the supplier."""
    return _post_for_payout(
        payout,
        step="remitted",
        context=context,
        description="Surplus remitted",
        lines=[
            debit(Purpose.PAYABLE_TO_SUPPLIER, payout.amount, owner=supplier_ledger_owner(payout.supplier_id)),
            cash.outflow(payout.amount, payout.currency),
        ],
    )


def post_payout_failure(*, payout: Payout, context: PostingContext) -> Transaction:
    """The bank returned a payout: the money is in cash again, and still to be paid."""
    return _post_for_payout(
        payout,
        step="failed",
        context=context,
        description="Payout failed",
        lines=[
            cash.inflow(payout.amount, payout.currency),
            credit(Purpose.PAYOUT_IN_TRANSIT, payout.amount, owner=payout.ledger_owner),
        ],
    )


def post_payout_resent(*, payout: Payout, context: PostingContext) -> Transaction:
    """A failed payout is sent again."""
    return _post_for_payout(
        payout,
        step="resent",
        context=context,
        description="Payout resent",
        lines=[
            debit(Purpose.PAYOUT_IN_TRANSIT, payout.amount, owner=payout.ledger_owner),
            cash.outflow(payout.amount, payout.currency),
        ],
    )


def _allocation_line(allocation: CollectionAllocation) -> Line:
    """The credit of one allocation."""
    match allocation.kind:
        case CollectionAllocation.Kind.ADVANCE if allocation.advance is not None:
            purpose, owner = Purpose.RECEIVABLE, allocation.advance.ledger_owner
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
    return cash.post_covered(
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
    return cash.post_covered(
        reference=f"{payout.ledger_owner}:{step}",
        currency=payout.currency,
        lines=lines,
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description=f"{description}: {payout.get_purpose_display()}",
        supplier_id=payout.supplier_id,
    )
