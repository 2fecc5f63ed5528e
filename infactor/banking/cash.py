"""Cash of infactor by bank account: which ledger account money moves on, and whether a house account covers it.

What is on its way out is in the books as cash until a statement takes it from the account, and it is spent already: an
account covers what is on it less what is in transit. Apps above say how much that is.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from infactor.banking.models import HouseAccount
from infactor.ledger import balances, posting
from infactor.ledger.models import ZERO, Entry, Purpose, Transaction
from infactor.ledger.posting import Line

InTransit = Callable[[HouseAccount], Decimal]
_in_transit: list[InTransit] = []


class Overdrawn(Exception):
    """A house account that may not be overdrawn would be. The message says by how much."""


def default_account(*, currency: str) -> HouseAccount | None:
    """The house account on which money of `currency` moves unless another is named."""
    found: HouseAccount | None = HouseAccount.objects.filter(currency=currency, is_default=True).first()
    return found


def ledger_owner(*, currency: str) -> str:
    """The owner of the cash account in the ledger on which money of `currency` moves by default."""
    account = default_account(currency=currency)
    return "" if account is None else account.ledger_owner


def account_with(*, owner: str, currency: str) -> HouseAccount | None:
    """The house account whose cash has this owner in the ledger; None before the first of its currency is opened."""
    found: HouseAccount | None = HouseAccount.objects.filter(ledger_owner=owner, currency=currency).first()
    return found


def balance(*, account: HouseAccount) -> Decimal:
    """What the books say that is on `account`, below zero where it is overdrawn."""
    return balances.balance(purpose=Purpose.CASH, owner=account.ledger_owner, currency=account.currency)


def register_in_transit(amount_of: InTransit) -> None:
    """Ask `amount_of` how much is on its way out of a house account and not on a statement yet."""
    if amount_of not in _in_transit:
        _in_transit.append(amount_of)


def in_transit(*, account: HouseAccount) -> Decimal:
    """What is decided to leave `account` and not confirmed by a statement yet."""
    return sum((amount_of(account) for amount_of in _in_transit), ZERO)


def available(*, account: HouseAccount) -> Decimal:
    """What may still be paid from `account`: its balance by the books, less what is in transit."""
    return balance(account=account) - in_transit(account=account)


def inflow(amount: Decimal, currency: str, *, account: HouseAccount | None = None) -> Line:
    """The line of a posting that puts money on `account`, else on the default account of `currency`."""
    owner = ledger_owner(currency=currency) if account is None else account.ledger_owner
    return posting.debit(Purpose.CASH, amount, owner=owner)


def outflow(amount: Decimal, *, account: HouseAccount) -> Line:
    """The line of a posting by which a statement takes money from `account`."""
    return posting.credit(Purpose.CASH, amount, owner=account.ledger_owner)


def post_covered(*, lines: Sequence[Line], currency: str, **posted: Any) -> Transaction:
    """`posting.post`, which raises Overdrawn where it sends out more than is available on the default account."""
    written = posting.post(lines=lines, currency=currency, **posted)
    if any(line.purpose == Purpose.PAYOUT_IN_TRANSIT and line.credit for line in lines):
        require_cover(currency=currency)
    return written


def require_cover(*, currency: str, account: HouseAccount | None = None) -> None:
    """Raise Overdrawn if what this transaction has decided to send overdraws `account`, by default that of `currency`.

    The account stays locked until the transaction ends, so that two payments do not use the same money.
    """
    rows = HouseAccount.objects.select_for_update(no_key=True).filter(currency=currency)
    account = rows.filter(pk=account.pk).first() if account is not None else rows.filter(is_default=True).first()
    if account is None or account.may_be_overdrawn:
        return
    left = available(account=account)
    if left < 0:
        raise Overdrawn(f"{account} would be overdrawn by {-left:,.2f}, which it may not be. Nothing was paid.")


def warning(*, currency: str, amount: Decimal) -> str:
    """A sentence if paying `amount` overdraws the default account; empty where it does not, or there is none."""
    account = default_account(currency=currency)
    if account is None:
        return ""
    left = available(account=account) - amount
    if left >= 0:
        return ""
    rule = "which it may be." if account.may_be_overdrawn else "which it may not be."
    return f"{account} is overdrawn by {-left:,.2f} {currency} after this, {rule}"


def with_balances(accounts: QuerySet[HouseAccount]) -> QuerySet[Any]:
    """Each of `accounts` with `book_balance`, its balance by the books."""
    entries = Entry.objects.filter(
        account__purpose=Purpose.CASH,
        account__owner=OuterRef("ledger_owner"),
        account__currency=OuterRef("currency"),
    )
    sums = entries.order_by().values("account").annotate(sum=Sum(F("debit") - F("credit"))).values("sum")
    return accounts.annotate(book_balance=Coalesce(Subquery(sums), ZERO, output_field=DecimalField()))


def entries_of(*, transaction: Transaction, account: HouseAccount) -> list[Entry]:
    """The entries of `transaction` on the cash account of a house account."""
    return list(transaction.entries.filter(account__purpose=Purpose.CASH, account__owner=account.ledger_owner))


def entry_of(*, transaction: Transaction) -> Entry | None:
    """The entry of `transaction` that moves cash; None where it moves none."""
    found: Entry | None = transaction.entries.select_related("account").filter(account__purpose=Purpose.CASH).first()
    return found


def entries_on(*, account: HouseAccount) -> QuerySet[Any]:
    """Every entry on the cash account of a house account, with `moved`: what the balance changes by."""
    rows = Entry.objects.filter(
        account__purpose=Purpose.CASH, account__owner=account.ledger_owner, account__currency=account.currency
    )
    return rows.annotate(moved=F("debit") - F("credit"))


def sum_of(entries: QuerySet[Entry]) -> Decimal:
    """What `entries` change the balance by together."""
    sums = entries.order_by().aggregate(debits=Sum("debit", default=ZERO), credits=Sum("credit", default=ZERO))
    return Decimal(sums["debits"] - sums["credits"])
