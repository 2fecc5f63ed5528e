"""Postings of micro-deposits: infactor's own cost, in transit until the statement has the debit."""

from infactor.banking import cash
from infactor.financing.accounting import references, reversals
from infactor.financing.accounting.journal import PostingContext, in_transit
from infactor.financing.models import Payout
from infactor.ledger.models import Purpose, Transaction
from infactor.ledger.posting import debit

STEP = "deposited"


def post_deposit(*, payout: Payout, context: PostingContext) -> Transaction:
    """A micro-deposit is on its way. Raises Overdrawn where the money is not there."""
    return cash.post_covered(
        reference=references.next_reference(owner=payout.ledger_owner, step=STEP),
        currency=payout.currency,
        lines=[debit(Purpose.BANK_CHARGES, payout.amount), *in_transit(payout)],
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description="Micro-deposit to prove an account",
    )


def undo_deposit(*, payout: Payout, context: PostingContext) -> Transaction:
    """It did not arrive, so it costs nothing."""
    posted = references.in_force(owner=payout.ledger_owner, step=STEP).get()
    return reversals.undo(
        transaction=posted,
        at=context.at,
        by=context.by,
        description="Micro-deposit did not arrive",
        on=context.value_date,
    )
