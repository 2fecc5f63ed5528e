"""Gaps between the statements of a house account: where one does not begin with what is known up to then."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import accumulate, groupby

from django.db.models import Sum

from infactor.banking import reconciliation
from infactor.banking.models import HouseAccount, Statement
from infactor.ledger.models import ZERO


def gaps(*, account: HouseAccount) -> list[str]:
    """A sentence for each statement that does not begin with what the one before it, and the lines since, have left.

    Two queries, however many statements there are.
    """
    known = _Known(account)
    found = (known.gap_before(from_date, balance) for from_date, balance in known.beginnings())
    return [f"{account}: {sentence}" for sentence in found if sentence]


def gap_before(*, account: HouseAccount, from_date: date, opening_balance: Decimal) -> str:
    """A sentence if a statement that begins so does not follow on what is known of the account; else empty."""
    return _Known(account).gap_before(from_date, opening_balance)


class _Known:
    """The balances that the bank has stated of an account, and its lines by day."""

    def __init__(self, account: HouseAccount) -> None:
        self.statements = list(Statement.objects.filter(account=account).order_by("to_date", "-pk"))
        ended = [one for one in self.statements if one.to_date is not None and one.closing_balance is not None]
        # The last page of each day on which a statement ends.
        self.last_pages = [reconciliation.last_page(list(same)) for _, same in groupby(ended, lambda one: one.to_date)]
        self.ends = [one.to_date for one in self.last_pages if one.to_date is not None]
        self.ended = {(one.to_date, one.closing_balance) for one in ended}
        by_day = reconciliation.counted_lines(account).values_list("booking_date").order_by("booking_date")
        self.days, amounts = [], []
        for day, amount in by_day.annotate(sum=Sum("amount")):
            self.days.append(day)
            amounts.append(amount)
        self.sums = list(accumulate(amounts, initial=ZERO))

    def beginnings(self) -> Iterator[tuple[date, Decimal]]:
        """The day and the balance with which statements begin, each once, by day."""
        stated = {(one.from_date, one.opening_balance) for one in self.statements}
        yield from sorted((day, balance) for day, balance in stated if day is not None and balance is not None)

    def gap_before(self, from_date: date, opening_balance: Decimal) -> str:
        """Pages of one day follow on each other; between days, lines of other files may lie."""
        if (from_date, opening_balance) in self.ended:
            return ""
        position = bisect_left(self.ends, from_date) - 1
        if position < 0:
            return ""
        between = self.sums[bisect_left(self.days, from_date)] - self.sums[bisect_right(self.days, self.ends[position])]
        left = (self.last_pages[position].closing_balance or ZERO) + between
        if left == opening_balance:
            return ""
        return (
            f"The statement from {from_date} begins with {opening_balance:,.2f}, and what is known up to then has left "
            f"{left:,.2f}. A statement between them is missing."
        )
