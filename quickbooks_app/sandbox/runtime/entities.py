"""The table of QuickBooks objects: each by its name and by its address.

A further object is a further row in `catalogue`; query, read and change data capture need no new code.
"""

from quickbooks_app.sandbox.runtime.catalogue.books import BOOKS
from quickbooks_app.sandbox.runtime.catalogue.company import COMPANY
from quickbooks_app.sandbox.runtime.catalogue.lists import LISTS
from quickbooks_app.sandbox.runtime.catalogue.purchases import PURCHASES
from quickbooks_app.sandbox.runtime.catalogue.row import Entity, Field
from quickbooks_app.sandbox.runtime.catalogue.sales import SALES

__all__ = ["ENTITIES", "Entity", "Field", "entity_at", "entity_named"]

_ROWS = (*SALES, *PURCHASES, *BOOKS, *LISTS, *COMPANY)

ENTITIES: dict[str, Entity] = {row.name: row for row in _ROWS}
# A query may name an object by its JSON key too: CreditCardPaymentTxn.
_BY_NAME = {name.lower(): row for row in _ROWS for name in (row.key, row.name)}
_BY_URL = {row.url: row for row in _ROWS}


def entity_named(name: str) -> Entity | None:
    """Return the object with this name (case-insensitive), or None."""
    return _BY_NAME.get(name.strip().lower())


def entity_at(url: str) -> Entity | None:
    """Return the object with this URL segment, or None."""
    return _BY_URL.get(url.lower())
