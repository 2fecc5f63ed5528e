"""Stock: how transactions move quantities, and what that costs by first in, first out."""

from collections import deque
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from quickbooks_app.sandbox.ledger import accounts
from quickbooks_app.sandbox.ledger.postings import ZERO, Context, Head, Posting, head_of, in_home_currency
from quickbooks_app.sandbox.runtime.documents import CENT, Document, reference_id

SALES = {"Invoice": -1, "SalesReceipt": -1, "CreditMemo": 1, "RefundReceipt": 1}
_PURCHASES = {"Bill": 1, "VendorCredit": -1}
ENTITIES = (*SALES, *_PURCHASES, "Purchase", "InventoryAdjustment")


class Move(NamedTuple):
    """One line's change of an item's quantity. `cost` is what a purchase paid, in its currency; otherwise None."""

    item: str
    quantity: Decimal
    cost: Decimal | None
    class_id: str = ""


def moves_of(entity: str, document: Document) -> Iterator[Move]:
    """Yield what each line of a transaction does to the stock. A voided one does nothing."""
    if entity in SALES:
        yield from _sold(document["Line"], sign=SALES[entity])
    elif entity == "InventoryAdjustment":
        for line in document["Line"]:
            detail = line["ItemAdjustmentLineDetail"]
            yield Move(reference_id(detail, "ItemRef"), Decimal(detail["QtyDiff"]), None)
    elif entity in ENTITIES:
        sign = _PURCHASES.get(entity) or (-1 if document.get("Credit") else 1)
        for line in document["Line"]:
            if detail := line.get("ItemBasedExpenseLineDetail"):
                quantity = sign * _quantity(line, detail)
                class_id = reference_id(detail, "ClassRef")
                yield Move(reference_id(detail, "ItemRef"), quantity, sign * Decimal(line["Amount"]), class_id)


def quantities_of(entity: str, document: Document | None) -> dict[str, Decimal]:
    """Return by how much a transaction changes the quantity of each item."""
    result: dict[str, Decimal] = {}
    for move in moves_of(entity, document) if document else ():
        result[move.item] = result.get(move.item, ZERO) + move.quantity
    return result


def stock_postings(documents: dict[str, list[Document]], *, context: Context) -> Iterator[Posting]:
    """Post the opening stock, the cost of what was sold, and corrections, in order of their days."""
    stocks = {item["Id"]: _Stock(item) for item in documents.get("Item", []) if item.get("TrackQtyOnHand")}
    if not stocks:
        return
    found = [
        (document["TxnDate"], move.quantity < 0, int(document["Id"]), entity, document, move)
        for entity in ENTITIES
        for document in documents.get(entity, [])
        for move in moves_of(entity, document)
        if move.item in stocks
    ]
    for *_, move in found:
        stocks[move.item].start -= move.quantity
    for stock in stocks.values():
        yield from stock.opening(context=context)
    for _, _, _, entity, document, move in sorted(found, key=lambda one: one[:3]):
        head = head_of(entity, document, context=context)
        yield from stocks[move.item].posted(move, head=head, document=document, context=context)


class _Stock:
    """The layers of one item: quantities with their unit costs, oldest first. Sold beyond them, it owes a layer."""

    def __init__(self, item: Document) -> None:
        self.item = item
        self.start = Decimal(item["QtyOnHand"])
        self.last_cost = Decimal(item.get("PurchaseCost", 0))
        self.layers: deque[tuple[Decimal, Decimal]] = deque()

    def opening(self, *, context: Context) -> Iterator[Posting]:
        value = self._move(self.start, None)
        head = Head("Item", self.item["Id"], self.item["InvStartDate"], "", context.home, Decimal(1))
        yield from self._pair(head, value, debit=self._asset(context), credit=accounts.OPENING_BALANCE)

    def posted(self, move: Move, *, head: Head, document: Document, context: Context) -> Iterator[Posting]:
        paid = None if move.cost is None else in_home_currency(move.cost, head.rate)
        value = self._move(move.quantity, paid)
        if paid is not None:
            # The form itself posts what it pays; what was given back may have cost another amount.
            value -= paid
        id = reference_id(document, "AdjustAccountRef") or reference_id(self.item, "ExpenseAccountRef")
        class_id = move.class_id or head.class_id
        yield from self._pair(head, value, debit=self._asset(context), credit=context.account(id), class_id=class_id)

    def _move(self, quantity: Decimal, paid: Decimal | None) -> Decimal:
        """Take quantities in or out and return by how much the stock's value changes, to the cent."""
        if quantity > 0:
            if paid is not None:
                self.last_cost = paid / quantity
            value = paid if paid is not None else (quantity * self.last_cost).quantize(CENT)
            self.layers.append((quantity, self.last_cost))
            return value
        left, value = -quantity, ZERO
        while left and self.layers:
            available, cost = self.layers[0]
            taken = min(left, available)
            value -= taken * cost
            left -= taken
            self.layers.popleft()
            if taken < available:
                self.layers.appendleft((available - taken, cost))
        return (value - left * self.last_cost).quantize(CENT)

    def _pair(
        self, head: Head, value: Decimal, *, debit: accounts.Account, credit: accounts.Account, class_id: str = ""
    ) -> Iterator[Posting]:
        if value:
            named = {"item_id": self.item["Id"], "class_id": class_id}
            yield head.posting(debit, value, value)._replace(**named)
            yield head.posting(credit, -value, -value)._replace(**named)

    def _asset(self, context: Context) -> accounts.Account:
        return context.account(reference_id(self.item, "AssetAccountRef"))


def _sold(lines: Iterable[Document], *, sign: int) -> Iterator[Move]:
    for line in lines:
        if group := line.get("GroupLineDetail"):
            yield from _sold(group["Line"], sign=sign)
        elif (detail := line.get("SalesItemLineDetail")) and (item := reference_id(detail, "ItemRef")):
            yield Move(item, sign * _quantity(line, detail), None, reference_id(detail, "ClassRef"))


def _quantity(line: Document, detail: Document) -> Decimal:
    """A line that says no quantity is of one, unless it is void."""
    return Decimal(detail["Qty"]) if "Qty" in detail else Decimal(1 if line.get("Amount") else 0)
