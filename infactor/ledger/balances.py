"""What the books say now or as of a date: balances, the trial balance, and the entries behind them.

A balance is positive on the normal side of its purpose. Amounts of two currencies are never added.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet, Sum

from infactor.ledger.models import NOTHING, Entry, Purpose


class SeveralCurrencies(Exception):
    """The owner has accounts in more than one currency: say which one is meant."""


@dataclass(frozen=True)
class TrialLine:
    """Everything on the accounts of one purpose in one currency; `balance` is positive on the normal side."""

    currency: str
    purpose: Purpose
    debits: Decimal
    credits: Decimal

    @property
    def balance(self) -> Decimal:
        return on_normal_side(purpose=self.purpose, debits=self.debits, credits=self.credits)


def on_normal_side(*, purpose: Purpose, debits: Decimal, credits: Decimal) -> Decimal:
    """What `debits` and `credits` leave on an account, positive on the side on which `purpose` grows."""
    return debits - credits if purpose.grows_by_debit else credits - debits


def balance(*, purpose: Purpose, owner: str = "", currency: str) -> Decimal:
    """What is on one account, in its currency; 0.00 where there is none yet. `owner` "" is the house."""
    entries = Entry.objects.filter(account__purpose=purpose, account__owner=owner, account__currency=currency)
    sums = entries.aggregate(debits=Sum("debit", default=NOTHING), credits=Sum("credit", default=NOTHING))
    return on_normal_side(purpose=purpose, debits=sums["debits"], credits=sums["credits"])


def balances_of(*, owner: str, currency: str | None = None) -> dict[Purpose, Decimal]:
    """What is on each account of `owner`, every purpose named, in its one currency or the one given.

    Raises SeveralCurrencies where there are more and none is given.
    """
    entries = Entry.objects.filter(account__owner=owner)
    if currency is not None:
        entries = entries.filter(account__currency=currency)
    lines = _sums(entries)
    if len({line.currency for line in lines}) > 1:
        raise SeveralCurrencies(f"{owner or 'The house'} has accounts in several currencies.")
    return dict.fromkeys(Purpose, NOTHING) | {line.purpose: line.balance for line in lines}


def balances_by_owner(*, purpose: Purpose, owners: Iterable[str], currency: str | None = None) -> dict[str, Decimal]:
    """What is on the account of each of `owners` for one purpose, every owner named, in one query.

    In the owner's one currency or the one given. Raises SeveralCurrencies where an owner has more and none is given.
    """
    found = dict.fromkeys(owners, NOTHING)
    entries = Entry.objects.filter(account__purpose=purpose, account__owner__in=list(found))
    if currency is not None:
        entries = entries.filter(account__currency=currency)
    sums = entries.order_by().values("account__owner", "account__currency")
    met: set[str] = set()
    for row in sums.annotate(debits=Sum("debit"), credits=Sum("credit")):
        owner = row["account__owner"]
        if owner in met:
            raise SeveralCurrencies(f"{owner or 'The house'} has accounts in several currencies.")
        met.add(owner)
        found[owner] = on_normal_side(purpose=purpose, debits=row["debits"], credits=row["credits"])
    return found


def trial_balance(*, as_of: date | None = None) -> list[TrialLine]:
    """All accounts by currency and purpose, with value dates up to `as_of` (all without it).

    In each currency the debits of all lines are the credits of all lines.
    """
    entries = Entry.objects.all()
    if as_of is not None:
        entries = entries.filter(transaction__value_date__lte=as_of)
    order = list(Purpose)
    return sorted(_sums(entries), key=lambda line: (line.currency, order.index(line.purpose)))


def totals(*, lines: Iterable[TrialLine]) -> list[tuple[str, Decimal, Decimal]]:
    """Debits and credits of all `lines` by currency, as (currency, debits, credits); the two are the same."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for line in lines:
        debits, credits = sums.get(line.currency, (NOTHING, NOTHING))
        sums[line.currency] = debits + line.debits, credits + line.credits
    return [(currency, *sides) for currency, sides in sorted(sums.items())]


def entries_of(*, owner: str) -> QuerySet[Entry]:
    """Entries on all accounts of `owner`, by value date, with account and transaction."""
    return _in_order(Entry.objects.filter(account__owner=owner))


def entries_of_supplier(*, supplier_id: int) -> QuerySet[Entry]:
    """Entries on all accounts that are about one supplier, by value date, with account and transaction."""
    return _in_order(Entry.objects.filter(account__supplier_id=supplier_id))


def _in_order(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    rows = entries.select_related("account", "transaction")
    return rows.order_by("transaction__value_date", "transaction_id", "position")


def _sums(entries: QuerySet[Entry]) -> Sequence[TrialLine]:
    rows = entries.order_by().values("account__currency", "account__purpose")
    return [
        TrialLine(
            currency=row["account__currency"],
            purpose=Purpose(row["account__purpose"]),
            debits=row["debits"],
            credits=row["credits"],
        )
        for row in rows.annotate(debits=Sum("debit"), credits=Sum("credit"))
    ]
