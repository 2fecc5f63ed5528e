"""Factories of ledger postings."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from infactor.ledger import posting
from infactor.ledger.models import Purpose, Transaction
from infactor.ledger.posting import Line, credit, debit

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 20)


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
