"""Factories of ledger postings."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from infactor.ledger import periods, posting
from infactor.ledger.models import PeriodClosing, Purpose, Transaction
from infactor.ledger.posting import Line, credit, debit
from infactor.users.models import User

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 20)
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
IN_DECEMBER = datetime(2026, 12, 3, 15, tzinfo=UTC)


def post(*lines: Line, **values: Any) -> Transaction:
    """Post `lines`, in USD and today unless `values` override it."""
    usual = {"reference": "event:1", "currency": "USD", "value_date": DAY, "at": AT, "description": "", "by": None}
    return posting.post(lines=lines, **{**usual, **values})


def fund(*, owner: str = "advance:17", amount: Decimal = Decimal(10_000), **values: Any) -> Transaction:
    """Post the funding of an advance of 85 %."""
    advance = amount * Decimal("0.85")
    return post(
        debit(Purpose.RECEIVABLE, amount, owner=owner),
        credit(Purpose.CASH, advance),
        credit(Purpose.RESERVE, amount - advance, owner=owner),
        **{"reference": f"{owner}:funded", "description": "Advance paid", **values},
    )


def payment(reference: str, day: date, **values: Any) -> Transaction:
    """Post 5 dollars that arrived on `day` and were recorded in December."""
    lines = debit(Purpose.CASH, Decimal(5)), credit(Purpose.UNAPPLIED_CASH, Decimal(5), owner="collection:1")
    return post(*lines, reference=reference, value_date=day, at=IN_DECEMBER, **values)


def close(month: date, by: User, at: datetime = IN_DECEMBER) -> PeriodClosing:
    """Close a month in December, with nothing to explain."""
    return periods.close(month=month, explanations=[], by=by, at=at)
