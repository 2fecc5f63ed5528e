"""Balances of ledger accounts, the trial balance, and the entries behind them, now or as of a date.

A balance is positive on the normal side of its purpose. Amounts in different currencies are never added.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet, Sum

from infactor.ledger import month_sums
from infactor.ledger.models import ZERO, Entry, Purpose


class MultipleCurrencies(Exception):
    """The owner has accounts in more than one currency, and the caller did not name one."""


@dataclass(frozen=True)
class TrialLine:
    """The sums of all accounts of one purpose in one currency. `balance` is positive on the normal side."""

    currency: str
    purpose: Purpose
    debits: Decimal
    credits: Decimal

    @property
    def balance(self) -> Decimal:
        return on_normal_side(purpose=self.purpose, debits=self.debits, credits=self.credits)


def on_normal_side(*, purpose: Purpose, debits: Decimal, credits: Decimal) -> Decimal:
    """The balance of `debits` and `credits`, positive on the normal side of `purpose`."""
    return debits - credits if purpose.is_debit_normal else credits - debits


def balance(*, purpose: Purpose, owner: str = "", currency: str) -> Decimal:
    """The balance of one account, 0.00 if it does not exist yet. `owner` "" is infactor itself."""
    entries = Entry.objects.filter(account__purpose=purpose, account__owner=owner, account__currency=currency)
    sums = entries.aggregate(debits=Sum("debit", default=ZERO), credits=Sum("credit", default=ZERO))
    return on_normal_side(purpose=purpose, debits=sums["debits"], credits=sums["credits"])


def balances_of(*, owner: str, currency: str | None = None) -> dict[Purpose, Decimal]:
    """The balance of each account of `owner`, by purpose, in `currency` or the only currency that it has.

    Every purpose is present. Raises MultipleCurrencies if there are several and none is given.
    """
    entries = Entry.objects.filter(account__owner=owner)
    if currency is not None:
        entries = entries.filter(account__currency=currency)
    lines = _sums(entries)
    if len({line.currency for line in lines}) > 1:
        raise MultipleCurrencies(f"{owner or 'infactor'} has accounts in several currencies.")
    return dict.fromkeys(Purpose, ZERO) | {line.purpose: line.balance for line in lines}


def balances_by_owner(*, purpose: Purpose, owners: Iterable[str], currency: str | None = None) -> dict[str, Decimal]:
    """The balance of one purpose for each of `owners`, in `currency` or the owner's only one. One query.

    Every owner is present. Raises MultipleCurrencies if an owner has several and none is given.
    """
    return balances_by_purpose(purposes=[purpose], owners=owners, currency=currency)[purpose]


def balances_by_purpose(
    *, purposes: Sequence[Purpose], owners: Iterable[str], currency: str | None = None
) -> dict[Purpose, dict[str, Decimal]]:
    """The balances of several purposes as `balances_by_owner` gives those of one. One query.

    Every purpose and every owner is present. Raises MultipleCurrencies as `balances_by_owner`.
    """
    keys = list(owners)
    found = {purpose: dict.fromkeys(keys, ZERO) for purpose in purposes}
    entries = Entry.objects.filter(account__purpose__in=purposes, account__owner__in=keys)
    if currency is not None:
        entries = entries.filter(account__currency=currency)
    sums = entries.order_by().values("account__owner", "account__purpose", "account__currency")
    seen: set[tuple[Purpose, str]] = set()
    for row in sums.annotate(debits=Sum("debit"), credits=Sum("credit")):
        owner, purpose = row["account__owner"], Purpose(row["account__purpose"])
        if (purpose, owner) in seen:
            raise MultipleCurrencies(f"{owner or 'infactor'} has accounts in several currencies.")
        seen.add((purpose, owner))
        found[purpose][owner] = on_normal_side(purpose=purpose, debits=row["debits"], credits=row["credits"])
    return found


def trial_balance(*, as_of: date | None = None) -> list[TrialLine]:
    """All accounts by currency and purpose, for value dates up to `as_of` (all dates without it).

    In each currency the debits of all lines equal the credits of all lines. Closed months are not added up again.
    """
    order = list(Purpose)
    found = [
        TrialLine(currency, purpose, debits=one.debits, credits=one.credits)
        for (currency, purpose), one in month_sums.sums(end=as_of).items()
    ]
    return sorted(found, key=lambda line: (line.currency, order.index(line.purpose)))


def totals(*, lines: Iterable[TrialLine]) -> list[tuple[str, Decimal, Decimal]]:
    """The sums of `lines` for each currency, as (currency, debits, credits). Debits equal credits."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for line in lines:
        debits, credits = sums.get(line.currency, (ZERO, ZERO))
        sums[line.currency] = debits + line.debits, credits + line.credits
    return [(currency, *sides) for currency, sides in sorted(sums.items())]


def entries_of(*, owner: str) -> QuerySet[Entry]:
    """Entries on all accounts of `owner`, by value date, with account and transaction."""
    return _in_order(Entry.objects.filter(account__owner=owner))


def entries_of_supplier(*, supplier_id: int) -> QuerySet[Entry]:
    """Entries on all accounts that concern one supplier, by value date, with account and transaction.

    Without accrued fees: they are infactor's own estimate at a month's end, and no claim on anybody.
    """
    entries = Entry.objects.filter(account__supplier_id=supplier_id)
    return _in_order(entries.exclude(account__purpose=Purpose.ACCRUED_FEES))


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
