"""Parses the lines and taxes of an invoice from the accounting system's JSON, for display.

The JSON is untrusted: keys may be missing and values may have any type. What cannot be parsed is shown as unreadable
and never raises.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

from django.utils.translation import gettext

from infactor.core.money import format_number

# Nobody reads more lines on one page. Further ones are only counted.
MAX_LINES = 1000
MAX_DEPTH = 3
SHIPPING_ITEM_ID = "SHIPPING_ITEM_ID"
MAX_DIGITS = 20


@dataclass(frozen=True)
class Line:
    """One line for display. If there is an amount that cannot be parsed, it is None and `unreadable` is set."""

    kind: str
    title: str
    description: str = ""
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    unreadable: bool = False
    depth: int = 0
    item_reference: str = ""  # the id of the item in the books
    sku: str = ""  # of the item as listed, which a line does not say

    @property
    def has_amount(self) -> bool:
        return self.amount is not None or self.unreadable


@dataclass(frozen=True)
class Lines:
    """The lines that are shown, and the number of those that are not."""

    shown: tuple[Line, ...]
    left_out: int


@dataclass(frozen=True)
class TaxLine:
    """One tax: the name of its rate, the percentage, the taxable amount and the tax."""

    rate: str
    percent: Decimal | None
    base: Decimal | None
    amount: Decimal | None


def parse_lines(items: Any) -> Lines:
    """The lines of `items`. The lines of a group follow it, with a higher `depth`."""
    every = _walk(items, depth=0)
    shown = tuple(islice(every, MAX_LINES))
    return Lines(shown, sum(1 for _ in every))


def _walk(items: Any, *, depth: int) -> Iterator[Line]:
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, dict):
            yield Line(kind="unknown", title=gettext("A line that cannot be read"), depth=depth)
            continue
        kind = _kind(item)
        yield _line(item, kind=kind, depth=depth)
        if kind == "GroupLine" and depth < MAX_DEPTH:
            yield from _walk(_dict(item.get("GroupLineDetail")).get("Line"), depth=depth + 1)


def _kind(item: dict) -> str:
    """`SalesItemLine` for both spellings, SalesItemLineDetail and SALES_ITEM_LINE_DETAIL."""
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
            shipping = text(reference.get("value")) == SHIPPING_ITEM_ID
            title = gettext("Shipping") if shipping else text(reference.get("name")) or description or gettext("Item")
            return Line(
                kind=kind,
                title=title,
                description="" if title == description else description,
                quantity=number(detail.get("Qty")),
                unit_price=number(detail.get("UnitPrice")),
                amount=amount,
                unreadable=unreadable,
                depth=depth,
                item_reference="" if shipping else text(reference.get("value")),
            )
        case "GroupLine":
            detail = _dict(item.get("GroupLineDetail"))
            title = text(_dict(detail.get("GroupItemRef")).get("name")) or description or gettext("Bundle")
            quantity = number(detail.get("Quantity"))
            rest = "" if title == description else description
            return Line(kind, title, rest, quantity=quantity, amount=amount, unreadable=unreadable, depth=depth)
        case "DiscountLine":
            percent = number(_dict(item.get("DiscountLineDetail")).get("DiscountPercent"))
            title = (
                gettext("Discount")
                if percent is None
                else gettext("Discount %(percent)s%%") % {"percent": format_number(percent)}
            )
            negative = None if amount is None else -abs(amount)
            return Line(kind, title, description, amount=negative, unreadable=unreadable, depth=depth)
        case "SubTotalLine":
            return Line(kind, gettext("Subtotal"), description, amount=amount, unreadable=unreadable, depth=depth)
        case "DescriptionOnly" | "DescriptionLine" | "DescriptionOnlyLine":
            return Line(kind, description or gettext("Note"), amount=amount or None, unreadable=unreadable, depth=depth)
        case _:
            title = description or gettext("Other line")
            note = f"QuickBooks calls it {kind}." if kind else ""
            return Line("unknown", title, note, amount=amount, unreadable=unreadable, depth=depth)


def _amount(item: dict) -> tuple[Decimal | None, bool]:
    value = item.get("Amount")
    amount = number(value)
    return amount, amount is None and value not in (None, "")


def parse_tax_lines(tax_details: Any) -> list[TaxLine]:
    """The taxes of an invoice, one for each rate."""
    found = _dict(tax_details).get("TaxLine")
    taxes = []
    for item in found[:MAX_LINES] if isinstance(found, list) else []:
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


def parse_linked_transactions(transactions: Any) -> list[tuple[str, str]]:
    """(type, id) of each transaction that the invoice is linked to."""
    found = [_dict(item) for item in transactions] if isinstance(transactions, list) else []
    return [
        (text(one.get("TxnType")) or gettext("Transaction"), text(one.get("TxnId"))) for one in found[:MAX_LINES] if one
    ]


def text(value: Any) -> str:
    """`value` as text if it is text or a number, else ""."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else ""


def number(value: Any) -> Decimal | None:
    """`value` as a finite Decimal of a displayable size, else None."""
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        return None
    if isinstance(value, str) and len(value) > MAX_DIGITS * 2:
        return None
    try:
        found = Decimal(value)
    except (InvalidOperation, ValueError):
        return None
    if not found.is_finite() or abs(found.adjusted()) > MAX_DIGITS or len(found.as_tuple().digits) > 2 * MAX_DIGITS:
        return None
    return found


def _dict(value: Any) -> dict:
    return value if isinstance(value, dict) else {}
