"""What identifies a line of a statement, so that it counts once in whatever files it comes."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from infactor.banking.formats.records import StatementRow
from infactor.invoices.search_text import normalize


@dataclass(frozen=True)
class IdentifiedRow:
    """A row with what identifies it on its account, and the batch of which it is a part ("": of none)."""

    row: StatementRow
    identity: str
    batch_identity: str


def identify(*, rows: Iterable[StatementRow]) -> Sequence[IdentifiedRow]:
    """Identify the rows of one account in one file.

    The bank's own id decides, with day and amount, since banks begin to count anew and book a charge under the id of
    its payment. Without an id: value date, amount, reference, payer, and the place among the lines that are equal in
    all of these. The place in the file itself says nothing: another file begins on another day.
    """
    seen: Counter[str] = Counter()
    identified = []
    for row in rows:
        content = _content(row)
        seen[content] += 1
        identified.append(IdentifiedRow(row, _digest(content, str(seen[content])), _batch(row)))
    return identified


def whole_entry(*, row: StatementRow) -> str:
    """What a row would have as `batch_identity` if its file had shown the payments in it; "" without an id."""
    return _of_entry(row.entry_id, row.amount) if row.entry_id else ""


def _content(row: StatementRow) -> str:
    if row.entry_id:
        return "\x1f".join(("id", row.entry_id, row.booking_date.isoformat(), f"{row.amount:.2f}"))
    parts = (row.value_date.isoformat(), f"{row.amount:.2f}", _plain(row.reference), _plain(row.payer), row.batch_id)
    return "\x1f".join(("line", *parts))


def _batch(row: StatementRow) -> str:
    return _of_entry(row.batch_id, row.batch_amount) if row.batch_id and row.batch_amount is not None else ""


def _of_entry(entry_id: str, amount: Decimal) -> str:
    return _digest("entry", entry_id, f"{amount:.2f}")


def _plain(text: str) -> str:
    return "".join(one for one in normalize(text) if one.isalnum())


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1e".join(parts).encode()).hexdigest()
