"""Finding what an earlier attempt has written: by the number, reference, note or name that the object carries. Pure."""

from collections.abc import Callable
from typing import NamedTuple

from quickbooks_app.api.writes.bodies import Fields


class Search(NamedTuple):
    """A query without its page, and which of its results is the one."""

    statement: str
    matches: Callable[[Fields], bool]


def search_for(*, entity: str, fields: Fields) -> Search:
    """How to find the object that was created with `fields`. Raises KeyError if it carries nothing to find it by."""
    match entity:
        case "Deposit":
            # Notes cannot be queried; the days of deposits can.
            note = _first_word(fields["PrivateNote"])
            return Search(
                f"SELECT * FROM Deposit WHERE TxnDate = '{_escaped(fields['TxnDate'])}'",  # noqa: S608
                lambda found: _first_word(found.get("PrivateNote") or "") == note,
            )
        case "Payment":
            return _by(entity, "PaymentRefNum", fields)
        case "JournalEntry":
            return _by(entity, "DocNumber", fields)
        case "Vendor":
            return _by(entity, "DisplayName", fields)
        case _:
            return _by(entity, "Name", fields)


def _by(entity: str, name: str, fields: Fields) -> Search:
    value = fields[name]
    return Search(
        f"SELECT * FROM {entity} WHERE {name} = '{_escaped(value)}'",  # noqa: S608  QuickBooks' query language
        lambda found: bool(str(found.get(name) or "").casefold() == str(value).casefold()),
    )


def _first_word(text: str) -> str:
    return text.split(maxsplit=1)[0] if text.strip() else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
