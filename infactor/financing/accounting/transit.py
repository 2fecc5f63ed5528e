"""Money in transit: decided to leave, and not confirmed by a statement yet. The statement alone moves cash for it."""

from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, F, Q, QuerySet, Sum, Value, When

from infactor.banking import cash
from infactor.banking.models import HouseAccount, StatementLine
from infactor.financing.accounting import references
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.models import OWED_STATUSES, CollectionCost, Payout
from infactor.ledger import posting
from infactor.ledger.models import ZERO, Purpose, Transaction
from infactor.ledger.posting import credit, debit

# What the ledger has in transit for a payout: what is still owed, less what the bank debited, with what came back.
_AMOUNT = F("amount")
_MONEY = DecimalField(max_digits=18, decimal_places=2)
IN_TRANSIT = (
    Case(When(status__in=OWED_STATUSES, then=_AMOUNT), default=Value(ZERO), output_field=_MONEY)
    - Case(When(debited_on__isnull=False, then=_AMOUNT), default=Value(ZERO), output_field=_MONEY)
    + Case(When(credited_on__isnull=False, then=_AMOUNT), default=Value(ZERO), output_field=_MONEY)
)


def payouts_of(*, account: HouseAccount) -> "QuerySet[Payout]":
    """The payouts that leave `account`: those of its batches, and on the default account those of no batch yet."""
    is_here = Q(batch__house_account=account)
    if account.is_default:
        is_here |= Q(batch=None, currency=account.currency)
    return Payout.objects.filter(is_here)


def of_account(account: HouseAccount) -> Decimal:
    """How much is in transit from `account`."""
    total: Decimal = payouts_of(account=account).aggregate(sum=Sum(IN_TRANSIT, default=ZERO))["sum"]
    if account.is_default:
        costs = CollectionCost.objects.filter(advance__currency=account.currency, debited_on=None, cancelled_on=None)
        total += costs.aggregate(sum=Sum("amount", default=ZERO))["sum"]
    return total


def post_debit(*, of: Payout | CollectionCost, line: StatementLine, context: PostingContext) -> Transaction:
    """The bank has taken it from the account of `line`: it is in transit no longer."""
    return _post(
        of,
        "confirmed",
        line,
        context,
        "Confirmed by the bank",
        [
            debit(Purpose.PAYOUT_IN_TRANSIT, of.amount, owner=of.ledger_owner),
            cash.outflow(of.amount, account=line.account),
        ],
    )


def post_credit(*, of: Payout | CollectionCost, line: StatementLine, context: PostingContext) -> Transaction:
    """The bank has put it back on the account of `line`: it is in transit again."""
    return _post(
        of,
        "returned",
        line,
        context,
        "Returned by the bank",
        [
            cash.inflow(of.amount, line.account.currency, account=line.account),
            credit(Purpose.PAYOUT_IN_TRANSIT, of.amount, owner=of.ledger_owner),
        ],
    )


def post_moved(*, from_payout: Payout, to_payout: Payout, context: PostingContext) -> Transaction:
    """A payout that did not arrive is prepared again as another, less what was netted. Nothing more leaves."""
    return posting.post(
        reference=references.next_reference(owner=from_payout.ledger_owner, step="resent"),
        currency=from_payout.currency,
        lines=[
            debit(Purpose.PAYOUT_IN_TRANSIT, to_payout.amount, owner=from_payout.ledger_owner),
            credit(Purpose.PAYOUT_IN_TRANSIT, to_payout.amount, owner=to_payout.ledger_owner),
        ],
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description=f"Prepared again: {from_payout.get_purpose_display()}",
        supplier_id=from_payout.supplier_id,
    )


def _post(
    of: Any, step: str, line: StatementLine, context: PostingContext, description: str, lines: list[posting.Line]
) -> Transaction:
    what = of.get_purpose_display() if isinstance(of, Payout) else "Collection cost"
    return posting.post(
        reference=references.next_reference(owner=of.ledger_owner, step=step),
        currency=line.account.currency,
        lines=lines,
        value_date=context.value_date,
        at=context.at,
        by=context.by,
        description=f"{description}: {what}",
        supplier_id=of.supplier_id if isinstance(of, Payout) else None,
    )
