"""What customers owe, what vendors are owed and what is in stock, kept up to date with every transaction."""

from decimal import Decimal
from typing import Protocol

from quickbooks_app.sandbox.ledger import payables, stock
from quickbooks_app.sandbox.ledger.receivables import balance_effect
from quickbooks_app.sandbox.runtime.documents import Document, amount_of, format_amount, normalized, reference_id

Effect = dict[str, Decimal]  # by id


class _Books(Protocol):
    """What balances need of a company's books, which import this module."""

    def find(self, entity: str, id: str) -> Document | None: ...

    def update_balance(self, entity: str, document: Document) -> Document: ...


def keep(books: _Books, entity: str, *, before: Document | None, after: Document | None) -> None:
    """Apply the change that a transaction makes. `before` is None for a new one, `after` for a deleted one."""
    for id, amount in _difference(_owed(entity, before), _owed(entity, after)):
        add_to_customer(books, id, amount)
    for id, amount in _difference(_owing(books, entity, before), _owing(books, entity, after)):
        add_to_vendor(books, id, amount)
    for id, quantity in _difference(stock.quantities_of(entity, before), stock.quantities_of(entity, after)):
        _add_to_stock(books, id, quantity)


def add_to_customer(books: _Books, id: str, amount: Decimal) -> None:
    """Change what a customer owes, and with it the balances of those above it."""
    customer = books.find("Customer", id)
    if customer is None:
        return
    customer["Balance"] = format_amount(amount_of(customer, "Balance") + amount)
    while customer is not None:
        customer["BalanceWithJobs"] = format_amount(amount_of(customer, "BalanceWithJobs") + amount)
        books.update_balance("Customer", customer)
        parent = reference_id(customer, "ParentRef")
        customer = books.find("Customer", parent) if parent else None


def add_to_vendor(books: _Books, id: str, amount: Decimal) -> None:
    """Change what a vendor is owed."""
    vendor = books.find("Vendor", id)
    if vendor is not None:
        vendor["Balance"] = format_amount(amount_of(vendor, "Balance") + amount)
        books.update_balance("Vendor", vendor)


def _add_to_stock(books: _Books, id: str, quantity: Decimal) -> None:
    item = books.find("Item", id)
    if item is not None and item.get("TrackQtyOnHand"):
        item["QtyOnHand"] = normalized(Decimal(item["QtyOnHand"]) + quantity)
        books.update_balance("Item", item)


def _owed(entity: str, document: Document | None) -> Effect:
    return balance_effect(entity, document) if document else {}


def _owing(books: _Books, entity: str, document: Document | None) -> Effect:
    return payables.balance_effect(entity, document, find=books.find) if document else {}


def _difference(before: Effect, after: Effect) -> list[tuple[str, Decimal]]:
    moved = {id: after.get(id, Decimal(0)) - before.get(id, Decimal(0)) for id in {**before, **after}}
    return [(id, amount) for id, amount in moved.items() if amount]
