"""Compares a record with the stored row: whether it is newer, and in which fields it differs."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from infactor.invoices.models.invoice import ExactDecoder

# Changes with every save in the books, so the history leaves it out.
HIDDEN_FIELDS = {"sync_token", "books_updated_at"}
JSON_FIELDS = {"items", "tax_details", "linked_txn"}


class Difference(NamedTuple):
    """The old and the new value of one field."""

    field: str
    was: Any
    now: Any

    @property
    def is_visible(self) -> bool:
        """Whether the history shows it."""
        return self.field not in HIDDEN_FIELDS

    def as_json(self) -> dict[str, str]:
        """The form stored in the history: text for people, with only the number of lines and links."""
        if self.field in JSON_FIELDS:
            return {"field": self.field, "from": _count(self.was), "to": _count(self.now)}
        return {"field": self.field, "from": _text(self.was), "to": _text(self.now)}


def is_older(record: Any, *, than: Any) -> bool:
    """Whether `record` is an earlier version than the row `than`. The sync token decides between equal times."""
    if record.books_updated_at is None or than.books_updated_at is None:
        return False
    if record.books_updated_at != than.books_updated_at:
        return bool(record.books_updated_at < than.books_updated_at)
    return _number(record.sync_token) < _number(than.sync_token)


def differences(*, row: Any, record: Any, fields: Sequence[str]) -> list[Difference]:
    """The differences between row and record in `fields`, in that order."""
    found = []
    for name in fields:
        was, now = getattr(row, name), getattr(record, name)
        if name in JSON_FIELDS:
            now = json.loads(now, cls=ExactDecoder)
        if was != now:
            found.append(Difference(name, was, now))
    return found


def _number(sync_token: str) -> int:
    return int(sync_token) if sync_token.isascii() and sync_token.isdigit() else 0


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _count(value: Any) -> str:
    return f"{len(value)} entries" if isinstance(value, list | dict) else ""
