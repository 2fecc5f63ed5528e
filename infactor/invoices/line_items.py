"""The lines and taxes of an invoice, as the books' own JSON has them, made fit for a table.

Nothing in that JSON can be relied on: a key may be missing and a value may be of any type. What cannot be read is
shown as such; it never breaks the page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

# More lines than anybody reads on one page; the rest is counted.
LINES_AT_MOST = 1000
DEEPEST = 3
SHIPPING = "SHIPPING_ITEM_ID"
DIGITS_AT_MOST = 20


@dataclass(frozen=True)
class Line:
    """One line as it is shown. An amount that is there but cannot be read is None with `unreadable`."""

    kind: str
    title: str
    description: str = ""
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    unreadable: bool = False
    depth: int = 0

    @property
    def has_amount(self) -> bool:
        return self.amount is not None or self.unreadable


@dataclass(frozen=True)
class Lines:
    """The lines that are shown, and how many more there are."""

    shown: tuple[Line, ...]
    left_out: int


@dataclass(frozen=True)
class TaxLine:
    """One tax: its rate's reference, how much, of what."""

    rate: str
    percent: Decimal | None
    base: Decimal | None
    amount: Decimal | None


def lines(items: Any) -> Lines:
    """Every line of `items`, lines inside a group after it and deeper."""
    every = _walk(items, depth=0)
    shown = tuple(islice(every, LINES_AT_MOST))
    return Lines(shown, sum(1 for _ in every))


def _walk(items: Any, *, depth: int) -> Iterator[Line]:
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, dict):
            yield Line(kind="unknown", title="A line that cannot be read", depth=depth)
            continue
        kind = _kind(item)
        yield _line(item, kind=kind, depth=depth)
        if kind == "GroupLine" and depth < DEEPEST:
            yield from _walk(_dict(item.get("GroupLineDetail")).get("Line"), depth=depth + 1)


def _kind(item: dict) -> str:
    """`SalesItemLine` of both spellings: SalesItemLineDetail and SALES_ITEM_LINE_DETAIL."""
    name = text(item.get("DetailType"))
    if "_" in name or name.isupper():
        name = "".join(part.capitalize() for part in name.split("_"))
    return name.removesuffix("Detail")


def _line(item: dict, *, kind: str, depth: int) -> Line:
    description = text(item.get("Description"))
    amount, unreadable = _amount(item)
    match kind:
        case "SalesItemLine":
            detail = _dict(item.get("SalesItemLineDetail"))
            reference = _dict(detail.get("ItemRef"))
            shipping = text(reference.get("value")) == SHIPPING
            title = "Shipping" if shipping else text(reference.get("name")) or description or "Item"
            return Line(
                kind=kind,
                title=title,
                description="" if title == description else description,
                quantity=number(detail.get("Qty")),
                unit_price=number(detail.get("UnitPrice")),
                amount=amount,
                unreadable=unreadable,
                depth=depth,
            )
        case "GroupLine":
            detail = _dict(item.get("GroupLineDetail"))
            title = text(_dict(detail.get("GroupItemRef")).get("name")) or description or "Bundle"
            quantity = number(detail.get("Quantity"))
            rest = "" if title == description else description
            return Line(kind, title, rest, quantity=quantity, amount=amount, unreadable=unreadable, depth=depth)
        case "DiscountLine":
            percent = number(_dict(item.get("DiscountLineDetail")).get("DiscountPercent"))
            title = "Discount" if percent is None else f"Discount {percent.normalize():f} %"
            lowered = None if amount is None else -abs(amount)
            return Line(kind, title, description, amount=lowered, unreadable=unreadable, depth=depth)
        case "SubTotalLine":
            return Line(kind, "Subtotal", description, amount=amount, unreadable=unreadable, depth=depth)
        case "DescriptionOnly" | "DescriptionLine" | "DescriptionOnlyLine":
            return Line(kind, description or "Note", amount=amount or None, unreadable=unreadable, depth=depth)
        case _:
            title = description or "Other line"
            told = f"QuickBooks calls it {kind}." if kind else ""
            return Line("unknown", title, told, amount=amount, unreadable=unreadable, depth=depth)


def _amount(item: dict) -> tuple[Decimal | None, bool]:
    value = item.get("Amount")
    amount = number(value)
    return amount, amount is None and value not in (None, "")


def tax_lines(tax_details: Any) -> list[TaxLine]:
    """The taxes of an invoice, one for each rate."""
    found = _dict(tax_details).get("TaxLine")
    taxes = []
    for item in found[:LINES_AT_MOST] if isinstance(found, list) else []:
        detail = _dict(_dict(item).get("TaxLineDetail"))
        reference = _dict(detail.get("TaxRateRef"))
        taxes.append(
            TaxLine(
                rate=text(reference.get("name")) or text(reference.get("value")),
                percent=number(detail.get("TaxPercent")) if detail.get("PercentBased") is not False else None,
                base=number(detail.get("NetAmountTaxable")),
                amount=number(_dict(item).get("Amount")),
            )
        )
    return taxes


def linked(transactions: Any) -> list[tuple[str, str]]:
    """(kind, reference) of everything in the books that this invoice hangs together with."""
    found = [_dict(item) for item in transactions] if isinstance(transactions, list) else []
    return [(text(one.get("TxnType")) or "Transaction", text(one.get("TxnId"))) for one in found[:LINES_AT_MOST] if one]


def text(value: Any) -> str:
    """`value` if it is text or a number, else nothing."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else ""


def number(value: Any) -> Decimal | None:
    """`value` as a number of a size that can be written down, else None."""
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        return None
    if isinstance(value, str) and len(value) > DIGITS_AT_MOST * 2:
        return None
    try:
        found = Decimal(value)
    except (InvalidOperation, ValueError):
        return None
    if (
        not found.is_finite()
        or abs(found.adjusted()) > DIGITS_AT_MOST
        or len(found.as_tuple().digits) > 2 * DIGITS_AT_MOST
    ):
        return None
    return found


def _dict(value: Any) -> dict:
    return value if isinstance(value, dict) else {}
