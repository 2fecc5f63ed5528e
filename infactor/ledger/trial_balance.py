"""The trial balance of a time: opening, debits, credits and closing of each purpose or account, by side.

Balances are debits less credits: above zero on the debit side. Amounts of two currencies are never added.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from infactor.ledger import month_sums
from infactor.ledger.chart import CHART
from infactor.ledger.models import ZERO, Account, Entry, Purpose


@dataclass(frozen=True)
class Period:
    """Value dates from `start` to `end`, both included, of what was posted by `known_at` (None: all)."""

    start: date
    end: date
    known_at: datetime | None = None

    @property
    def entries(self) -> QuerySet[Entry]:
        """Every entry up to the end: of the period and of before."""
        known = Q() if self.known_at is None else Q(transaction__posted_at__lte=self.known_at)
        return Entry.objects.filter(known, transaction__value_date__lte=self.end)

    def sums(self, entries: QuerySet[Any], *keys: str) -> QuerySet[Any]:
        """`entries` by `keys`, with `before`, `debits` and `credits`."""
        before, within = Q(transaction__value_date__lt=self.start), Q(transaction__value_date__gte=self.start)
        grouped: QuerySet[Any] = entries.order_by().values(*keys)
        summed: QuerySet[Any] = grouped.annotate(
            before=Sum("debit", filter=before, default=ZERO) - Sum("credit", filter=before, default=ZERO),
            debits=Sum("debit", filter=within, default=ZERO),
            credits=Sum("credit", filter=within, default=ZERO),
        )
        return summed


@dataclass(frozen=True)
class Line:
    """One line, in `currency`; `account` None is all accounts of the purpose."""

    currency: str
    purpose: Purpose
    before: Decimal
    debits: Decimal
    credits: Decimal
    account: Account | None = None

    @property
    def after(self) -> Decimal:
        return self.before + self.debits - self.credits

    @property
    def number(self) -> str:
        return CHART[self.purpose].number

    @property
    def name(self) -> str:
        return CHART[self.purpose].name if self.account is None else self.account.display_name

    @property
    def type(self) -> str:
        return CHART[self.purpose].type.value


@dataclass(frozen=True)
class Total:
    """The sums of one currency. Each pair is equal: debit and credit balances before, movements, balances after."""

    currency: str
    before: tuple[Decimal, Decimal]
    moved: tuple[Decimal, Decimal]
    after: tuple[Decimal, Decimal]


def lines(period: Period) -> list[Line]:
    """A line for each currency and purpose that has any entry, in the order of the chart.

    What was known at a moment is added up from all entries; else closed months come from their kept sums.
    """
    if period.known_at is None:
        found = [
            Line(currency, purpose, one.debits_before - one.credits_before, one.debits, one.credits)
            for (currency, purpose), one in month_sums.sums(start=period.start, end=period.end).items()
        ]
    else:
        keys = ("account__currency", "account__purpose")
        found = [
            Line(row[keys[0]], Purpose(row[keys[1]]), row["before"], row["debits"], row["credits"])
            for row in period.sums(period.entries, *keys)
        ]
    return sorted(found, key=lambda line: (line.currency, line.number))


def totals(found: Iterable[Line]) -> list[Total]:
    """The sums of each currency, on both sides."""
    by_currency: dict[str, list[Line]] = {}
    for line in found:
        by_currency.setdefault(line.currency, []).append(line)
    return [
        Total(
            currency,
            before=_sides(line.before for line in own),
            moved=(sum((line.debits for line in own), ZERO), sum((line.credits for line in own), ZERO)),
            after=_sides(line.after for line in own),
        )
        for currency, own in sorted(by_currency.items())
    ]


def account_sums(period: Period, *, purpose: Purpose, currency: str) -> QuerySet[Any]:
    """The accounts of one purpose in one currency that have any entry, by their owners, to be paged."""
    entries = period.entries.filter(account__purpose=purpose, account__currency=currency)
    return period.sums(entries, "account", "account__owner").order_by("account__owner")


def account_lines(rows: Iterable[dict[str, Any]], *, purpose: Purpose, currency: str) -> list[Line]:
    """The lines of some rows of `account_sums`."""
    page = list(rows)
    accounts = Account.objects.in_bulk([row["account"] for row in page])
    return [
        Line(currency, purpose, row["before"], row["debits"], row["credits"], account=accounts[row["account"]])
        for row in page
    ]


def account_line(period: Period, *, account: Account) -> Line:
    """The line of one account; zeros where it has no entry."""
    row = period.sums(period.entries.filter(account=account), "account").order_by("account").first()
    before, debits, credits = (row["before"], row["debits"], row["credits"]) if row else (ZERO, ZERO, ZERO)
    return Line(account.currency, Purpose(account.purpose), before, debits, credits, account=account)


def entries_within(period: Period, *, account: Account) -> QuerySet[Any]:
    """The entries of one account within the period, by value date, with their transactions."""
    rows = period.entries.filter(account=account, transaction__value_date__gte=period.start)
    return rows.select_related("transaction").order_by("transaction__value_date", "transaction_id", "position")


def _sides(balances: Iterable[Decimal]) -> tuple[Decimal, Decimal]:
    found = list(balances)
    return sum((one for one in found if one > 0), ZERO), sum((-one for one in found if one < 0), ZERO)
