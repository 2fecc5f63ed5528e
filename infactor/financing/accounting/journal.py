"""The journal: the ledger postings of each step of financing, one function for each row of docs/domain/postings.md.

Each advance has its own accounts in the ledger (owner `advance:17`), so what is outstanding is a balance. The
supplier's accounts have the owner `supplier:3`, an unallocated payment `collection:9`, a payout on its way `payout:4`.
Cash has an account for each house account: a payment reaches the one whose statement it came with, else the default of
its currency. Nothing here takes money out: it is in transit until a statement says that it left (`transit`). What would
overdraw an account that may not be raises banking.cash.Overdrawn.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from infactor.banking import cash
from infactor.banking.models import HouseAccount
from infactor.financing.accounting import references
from infactor.financing.accounting.balances import Outstanding, supplier_ledger_owner
from infactor.financing.models import Advance, Collection, CollectionAllocation, Payout
from infactor.financing.pricing.price import Fee
from infactor.ledger import posting
from infactor.ledger.models import Purpose, Transaction
from infactor.ledger.posting import Line, credit, debit
from infactor.users.models import User

PAYMENT_RECEIVED = "Payment received"


class PostingContext(NamedTuple):
    """The value date of a posting, when it is written, and by whom (None: the system)."""

    value_date: date
    at: datetime
    by: User | None


def post_funding(*, advance: Advance, payout: Payout | None, netted: Decimal, context: PostingContext) -> Transaction:
    """The invoice is purchased: its face becomes a receivable, the advance is on its way, the reserve is held.

    The wire fee is kept of the advance, and `netted` of it pays what the supplier owes; without `payout`, all of it.
    """
    return post_for_advance(
        advance,
        step="funded",
        context=context,
        description=f"Advance on invoice {advance.invoice}",
        lines=[
            debit(Purpose.RECEIVABLE, advance.face, owner=advance.ledger_owner),
            *in_transit(payout),
            credit(Purpose.WIRE_FEE_INCOME, advance.wire_fee),
            credit(Purpose.DUE_FROM_SUPPLIER, netted, owner=supplier_ledger_owner(advance.supplier_id)),
            credit(Purpose.RESERVE, advance.reserve, owner=advance.ledger_owner),
        ],
    )


def post_collection(
    *,
    collection: Collection,
    allocations: Sequence[CollectionAllocation],
    context: PostingContext,
    account: HouseAccount | None = None,
) -> Transaction:
    """A payment arrived on `account`, else on that of its line: credit what it is for; the rest is unapplied cash."""
    return posting.post(
        reference=references.next_reference(owner=collection.ledger_owner, step="recorded"),
        currency=collection.currency,
        lines=collection_lines(collection=collection, allocations=allocations, account=account),
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description=PAYMENT_RECEIVED,
    )


def collection_lines(
    *, collection: Collection, allocations: Sequence[CollectionAllocation], account: HouseAccount | None = None
) -> list[Line]:
    """The lines of `post_collection`."""
    rest = collection.amount - sum((one.amount for one in allocations), Decimal(0))
    return [
        cash.inflow(collection.amount, collection.currency, account=account or collection.house_account),
        *(allocation_line(one) for one in allocations),
        credit(Purpose.UNAPPLIED_CASH, rest, owner=collection.ledger_owner),
    ]


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
            *(allocation_line(one) for one in allocations),
        ],
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description="Payment allocated",
    )


def post_settlement(
    *,
    advance: Advance,
    payout: Payout | None,
    reserve: Decimal,
    fee: Fee,
    set_off: Decimal,
    context: PostingContext,
) -> Transaction:
    """The reserve pays the fee and the set-off, `payout` is the rest. The supplier owes a fee beyond the reserve."""
    owed = max(fee.amount - reserve, Decimal(0))
    supplier = supplier_ledger_owner(advance.supplier_id)
    description = f"Settlement of invoice {advance.invoice}"
    lines = [
        debit(Purpose.RESERVE, reserve, owner=advance.ledger_owner),
        debit(Purpose.DUE_FROM_SUPPLIER, owed, owner=supplier),
        *_fee_lines(fee),
        credit(Purpose.DUE_FROM_SUPPLIER, set_off, owner=supplier),
        *in_transit(payout),
    ]
    return post_for_advance(advance, step="settled", context=context, description=description, lines=lines)


def post_short_payment(*, advance: Advance, amount: Decimal, reserve: Decimal, context: PostingContext) -> Transaction:
    """The buyer pays `amount` less: the reserve covers it, and beyond the reserve the supplier owes it."""
    held = min(amount, reserve)
    return post_for_advance(
        advance,
        reference=references.numbered_reference(owner=advance.ledger_owner, step="short"),
        context=context,
        description=f"Short payment of invoice {advance.invoice}",
        lines=[
            debit(Purpose.RESERVE, held, owner=advance.ledger_owner),
            debit(Purpose.DUE_FROM_SUPPLIER, amount - held, owner=supplier_ledger_owner(advance.supplier_id)),
            credit(Purpose.RECEIVABLE, amount, owner=advance.ledger_owner),
        ],
    )


def short_payment_dates(*, advance: Advance) -> list[date]:
    """The value dates of the accepted short payments in force, one for each."""
    return [one.effective_date for one in references.in_force(owner=advance.ledger_owner, step="short")]


def shortage(*, advance: Advance) -> Decimal:
    """By how much staff have accepted that the payment of `advance` is short."""
    return sum((one.total for one in references.in_force(owner=advance.ledger_owner, step="short")), Decimal(0))


def post_repurchase(*, advance: Advance, outstanding: Outstanding, fee: Fee, context: PostingContext) -> Transaction:
    """The supplier repurchases the invoice: it owes what is outstanding and the fee, less the reserve."""
    return post_for_advance(
        advance,
        step="repurchased",
        context=context,
        description=f"Repurchase of invoice {advance.invoice}",
        lines=[
            debit(
                Purpose.DUE_FROM_SUPPLIER,
                outstanding.receivable + fee.amount - outstanding.reserve,
                owner=supplier_ledger_owner(advance.supplier_id),
            ),
            debit(Purpose.RESERVE, outstanding.reserve, owner=advance.ledger_owner),
            credit(Purpose.RECEIVABLE, outstanding.receivable, owner=advance.ledger_owner),
            *_fee_lines(fee),
        ],
    )


def post_write_off(*, advance: Advance, outstanding: Outstanding, context: PostingContext) -> Transaction:
    """Nobody pays: the reserve covers the loss first, the rest is bad debt."""
    return post_for_advance(
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


def post_remittance(*, payout: Payout, supplier_id: int, context: PostingContext) -> Transaction:
    """A surplus is remitted to the supplier."""
    return _post_for_payout(
        payout,
        step="remitted",
        context=context,
        description="Surplus remitted",
        lines=[
            debit(Purpose.PAYABLE_TO_SUPPLIER, payout.amount, owner=supplier_ledger_owner(supplier_id)),
            *in_transit(payout),
        ],
    )


def in_transit(payout: Payout | None) -> list[Line]:
    """The credit by which `payout` is on its way; nothing where there is none."""
    if payout is None:
        return []
    return [credit(Purpose.PAYOUT_IN_TRANSIT, payout.amount, owner=payout.ledger_owner)]


def _fee_lines(fee: Fee) -> list[Line]:
    """The fee as income: each kind has an account of its own."""
    return [credit(Purpose.FEE_INCOME, fee.discount), credit(Purpose.LATE_FEE_INCOME, fee.late.amount)]


def allocation_line(allocation: CollectionAllocation) -> Line:
    """The credit of one allocation."""
    match allocation.kind:
        case CollectionAllocation.Kind.ADVANCE if allocation.advance is not None:
            purpose, owner = Purpose.RECEIVABLE, allocation.advance.ledger_owner
        case CollectionAllocation.Kind.RECOVERY:
            return credit(Purpose.BAD_DEBT_RECOVERED, allocation.amount)
        case CollectionAllocation.Kind.FEE:
            return credit(Purpose.FEE_INCOME, allocation.amount)
        case CollectionAllocation.Kind.LATE_FEE:
            return credit(Purpose.LATE_FEE_INCOME, allocation.amount)
        case CollectionAllocation.Kind.COST:
            return credit(Purpose.COLLECTION_COSTS, allocation.amount)
        case CollectionAllocation.Kind.DUE:
            purpose, owner = Purpose.DUE_FROM_SUPPLIER, supplier_ledger_owner(allocation.supplier_id)
        case _:
            purpose, owner = Purpose.PAYABLE_TO_SUPPLIER, supplier_ledger_owner(allocation.supplier_id)
    return credit(purpose, allocation.amount, owner=owner, supplier_id=allocation.supplier_id)


def post_for_advance(
    advance: Advance,
    *,
    context: PostingContext,
    description: str,
    lines: Sequence[Line],
    step: str = "",
    reference: str = "",
) -> Transaction:
    """Post to the accounts of `advance` under `reference`, or under that of `step`, numbered if it was reversed.

    Raises Overdrawn where it takes money that is not there.
    """
    return cash.post_covered(
        reference=reference or references.next_reference(owner=advance.ledger_owner, step=step),
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
        reference=references.next_reference(owner=payout.ledger_owner, step=step),
        currency=payout.currency,
        lines=lines,
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description=f"{description}: {payout.get_purpose_display()}",
        supplier_id=payout.supplier_id,
    )
