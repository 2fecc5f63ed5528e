"""The late fee: what an advance costs besides while its invoice is past due. Pure.

A rate of the open balance for each day, from the first day after the days of grace until the buyer has paid in full or
the supplier has bought the invoice back, and at most a share of the face. The balance of a day is that of its morning:
a payment lowers the late fee from the next day on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext, ngettext

from infactor.core import money
from infactor.core.money import round_to_currency
from infactor.financing.terms import Terms

ZERO = Decimal("0.00")
Change = tuple[date, Decimal]  # the value date of a posting, and by how much the open balance rose


@dataclass(frozen=True, slots=True)
class LateFee:
    """The late fee for `days`: `rate` percent of `balance` on each. `balance` is None where it changed on the way."""

    days: int = 0
    balance: Decimal | None = None
    rate: Decimal = ZERO
    amount: Decimal = ZERO
    is_capped: bool = False

    @property
    def formula(self) -> str:
        """The calculation as text: "10,000.00 × 0.05% × 12 days = 60.00"."""
        days = ngettext("%(count)s day", "%(count)s days", self.days) % {"count": self.days}
        of = gettext("the open balance") if self.balance is None else money.format_amount(self.balance, "")
        amount = money.format_amount(self.amount, "")
        text = f"{of} × {money.format_number(self.rate)}% × {days} = {amount}"
        return gettext("%(formula)s, the most that is charged") % {"formula": text} if self.is_capped else text


NONE = LateFee()


def first_day(*, due_on: date | None, terms: Terms) -> date | None:
    """The first day for which the late fee is charged; None where the terms have none, or there is no due date."""
    if due_on is None or not terms.late_fee_rate or not terms.late_fee_cap_pct:
        return None
    return due_on + timedelta(days=terms.late_fee_grace_days + 1)


def late_fee(*, face: Decimal, changes: Iterable[Change], start: date | None, end: date, terms: Terms) -> LateFee:
    """The late fee for the days from `start` to `end`, both included; `start` is that of `first_day`.

    `changes` of the open balance may come in any order; the purchase is the first of them.
    """
    if start is None or end < start:
        return NONE
    balance = ZERO
    later: dict[date, Decimal] = {}
    for day, change in changes:
        if day < start:
            balance += change
        elif day < end:
            later[day] = later.get(day, ZERO) + change
    spans: list[tuple[Decimal, int]] = []
    since = start
    for day in sorted(later):
        spans.append((balance, (day - since).days + 1))
        balance, since = balance + later[day], day + timedelta(days=1)
    spans.append((balance, (end - since).days + 1))
    charged = [(open_balance, days) for open_balance, days in spans if open_balance > 0]
    total = sum((open_balance * days for open_balance, days in charged), ZERO)
    if not total:
        return NONE
    amount = round_to_currency(total * terms.late_fee_rate / 100, terms.currency)
    most = round_to_currency(face * terms.late_fee_cap_pct / 100, terms.currency)
    balances = {open_balance for open_balance, _ in charged}
    return LateFee(
        days=sum(days for _, days in charged),
        balance=balances.pop() if len(balances) == 1 else None,
        rate=terms.late_fee_rate,
        amount=min(amount, most),
        is_capped=amount > most,
    )
