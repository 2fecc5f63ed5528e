"""Totals of a sales form: lines, subtotal, discounts, tax and total. Pure functions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from quickbooks_app.sandbox.runtime.documents import (
    Document,
    format_amount,
    normalized,
    parse_number,
    reference_id,
)
from quickbooks_app.sandbox.runtime.errors import invalid_reference, invalid_value, parameter_missing

# Items that every company has without a row in its item list.
BUILT_IN_ITEMS = frozenset({"SHIPPING_ITEM_ID", "GRATUITY_ITEM_ID"})

ItemName = Callable[[str], str | None]
# The rates that a tax code charges, each with its id and percentage; None if it charges none.
TaxRates = Callable[[str], list[tuple[str, Decimal]] | None]


@dataclass(frozen=True, slots=True)
class LineTotals:
    """The lines of a sales form and their totals."""

    lines: list[Document]
    subtotal: Decimal
    discount: Decimal
    taxable: Decimal


def sum_lines(lines: Iterable[Document], *, item_name: ItemName, charge: Decimal = Decimal(0)) -> LineTotals:
    """Order the lines and total them. `charge` is the amount of a linked statement charge, which has no line."""
    numbering = _LineNumbering(lines := list(lines))
    plain: list[Document] = []
    shipping: list[Document] = []
    discounts: list[Document] = []
    for line in lines:
        kind = line.get("DetailType")
        if kind == "DiscountLineDetail":
            discounts.append(line)
        elif kind == "SalesItemLineDetail" and _item(line) in BUILT_IN_ITEMS:
            shipping.append({"Amount": _amount(line), **_copy_without(line, "Amount", "Id", "LineNum")})
        elif kind != "SubTotalLineDetail":
            plain.append(_plain_line(line, numbering=numbering, item_name=item_name))
    subtotal = sum((_line_total(line) for line in [*plain, *shipping]), charge)
    discount, discount_lines = _discounts(discounts, subtotal=subtotal)
    taxable = sum((_line_total(line, taxable_only=True) for line in plain), Decimal(0))
    if not plain and charge:
        taxable = charge
    subtotal_line: Document = {
        "Amount": format_amount(subtotal),
        "DetailType": "SubTotalLineDetail",
        "SubTotalLineDetail": {},
    }
    return LineTotals(
        lines=[*plain, subtotal_line, *discount_lines, *shipping],
        subtotal=subtotal,
        discount=discount,
        taxable=taxable,
    )


def tax_detail(
    summed: LineTotals, *, sent: Document | None, before: Document | None, after_discount: bool, rates: TaxRates
) -> Document:
    """Return the tax detail: the client's, or else computed from the rates already on the form."""
    if sent is not None and "TotalTax" in sent:
        return _normal_tax(sent, total=_validated_amount(sent["TotalTax"], "TotalTax"))
    if sent is not None and sent.get("TaxLine"):
        amounts = (_validated_amount(line.get("Amount", 0), "TaxLine.Amount") for line in sent["TaxLine"])
        return _normal_tax(sent, total=sum(amounts, Decimal(0)))
    base = _taxable_base(summed, after_discount=after_discount)
    code = reference_id(sent or {}, "TxnTaxCodeRef")
    if charged := rates(code):
        return sales_tax(base, code=code, rates=charged)
    lines = [dict(line) for line in (before or {}).get("TaxLine", [])]
    if not any(line.get("TaxLineDetail", {}).get("PercentBased") for line in lines):
        kept = before if before is not None else {}
        return _normal_tax(kept, total=parse_number(kept.get("TotalTax", 0)))
    total = Decimal(0)
    for line in lines:
        detail = dict(line["TaxLineDetail"])
        if detail.get("PercentBased"):
            line["Amount"] = format_amount(base * parse_number(detail.get("TaxPercent", 0)) / 100)
            detail["NetAmountTaxable"] = format_amount(base)
        line["TaxLineDetail"] = detail
        total += Decimal(line["Amount"])
    return {**(before or {}), "TotalTax": format_amount(total), "TaxLine": lines}


def sales_tax(base: Decimal, *, code: str, rates: list[tuple[str, Decimal]]) -> Document:
    """Return what a tax code charges on a taxable amount, which may be 0."""
    lines: list[Document] = [
        {
            "Amount": format_amount(base * percent / 100),
            "DetailType": "TaxLineDetail",
            "TaxLineDetail": {
                "TaxRateRef": {"value": id},
                "PercentBased": True,
                "TaxPercent": normalized(percent),
                "NetAmountTaxable": format_amount(base),
            },
        }
        for id, percent in rates
    ]
    total = sum((Decimal(line["Amount"]) for line in lines), Decimal(0))
    return {"TxnTaxCodeRef": {"value": code}, "TotalTax": format_amount(total), "TaxLine": lines}


def gross_total(lines: Iterable[Document]) -> Decimal:
    """Return the total of item lines and bundles before discount and tax."""
    return sum((_line_total(line) for line in lines), Decimal(0))


class _LineNumbering:
    """Assigns line ids: keeps known ids and replaces unknown or missing ones."""

    def __init__(self, lines: list[Document]) -> None:
        given = [str(line.get("Id", "")) for line in lines]
        self._last = max((int(id) for id in given if id.isdecimal()), default=0)
        self._position = 0

    def id_of(self, line: Document) -> str:
        given = str(line.get("Id", ""))
        if given.isdecimal():
            return given
        self._last += 1
        return str(self._last)

    def position(self) -> int:
        self._position += 1
        return self._position


def _plain_line(line: Document, *, numbering: _LineNumbering, item_name: ItemName) -> Document:
    kind = line.get("DetailType")
    if not kind:
        raise parameter_missing("Line.DetailType")
    head = {"Id": numbering.id_of(line), "LineNum": numbering.position()}
    rest = _copy_without(line, "Id", "LineNum", "Amount")
    if kind == "DescriptionOnly":
        return {**head, **rest, "DescriptionLineDetail": line.get("DescriptionLineDetail", {})}
    if kind == "GroupLineDetail":
        group = dict(line.get("GroupLineDetail", {}))
        group["GroupItemRef"] = _with_item_name(group, "GroupItemRef", item_name)
        group.setdefault("Quantity", 1)
        group["Line"] = [
            _plain_line(inner, numbering=numbering, item_name=item_name) for inner in group.get("Line", [])
        ]
        # The money of a bundle is in its inner lines.
        return {**head, **rest, "Amount": 0, "GroupLineDetail": group}
    if kind != "SalesItemLineDetail":
        raise invalid_value(element="DetailType", detail=f"Invalid enumeration value {kind} for DetailType")
    detail = dict(line.get("SalesItemLineDetail") or {})
    if "ItemRef" in detail:
        detail["ItemRef"] = _with_item_name(detail, "ItemRef", item_name)
    for key in ("Qty", "UnitPrice"):
        if key in detail:
            detail[key] = normalized(_validated_amount(detail[key], key))
    detail.setdefault("TaxCodeRef", {"value": "NON"})
    amount = _amount({**line, "SalesItemLineDetail": detail})
    return {**head, **rest, "Amount": amount, "SalesItemLineDetail": detail}


def _with_item_name(detail: Document, key: str, item_name: ItemName) -> Document:
    id = reference_id(detail, key)
    if id in BUILT_IN_ITEMS:
        return {"value": id}
    name = item_name(id)
    if name is None:
        raise invalid_reference(element=key, value=id)
    return {"value": id, "name": name}


def _amount(line: Document) -> Decimal | int:
    if "Amount" in line:
        return format_amount(_validated_amount(line["Amount"], "Amount"))
    detail = line.get("SalesItemLineDetail") or {}
    if "Qty" in detail and "UnitPrice" in detail:
        return format_amount(
            _validated_amount(detail["Qty"], "Qty") * _validated_amount(detail["UnitPrice"], "UnitPrice")
        )
    raise parameter_missing("Line.Amount")


def _validated_amount(value: object, element: str) -> Decimal:
    try:
        return parse_number(value)
    except ValueError:
        raise invalid_value(element=element, detail=f"Invalid Number : {value}") from None


def _line_total(line: Document, *, taxable_only: bool = False) -> Decimal:
    if line["DetailType"] == "GroupLineDetail":
        inner = line["GroupLineDetail"]["Line"]
        return sum((_line_total(one, taxable_only=taxable_only) for one in inner), Decimal(0))
    if line["DetailType"] != "SalesItemLineDetail" or not _item(line):
        # A line without an item is only written down; its amount does not count.
        return Decimal(0)
    taxed = reference_id(line["SalesItemLineDetail"], "TaxCodeRef") == "TAX"
    return Decimal(0) if taxable_only and not taxed else Decimal(line["Amount"])


def _item(line: Document) -> str:
    return reference_id(line.get("SalesItemLineDetail") or {}, "ItemRef")


def _discounts(lines: list[Document], *, subtotal: Decimal) -> tuple[Decimal, list[Document]]:
    total, result = Decimal(0), []
    for line in lines:
        detail = dict(line.get("DiscountLineDetail") or {})
        if detail.get("PercentBased"):
            percent = _validated_amount(detail.get("DiscountPercent", 0), "DiscountPercent")
            detail["DiscountPercent"] = normalized(percent)
            amount = format_amount(subtotal * percent / 100)
        else:
            detail.setdefault("PercentBased", False)
            amount = _amount(line)
        total += Decimal(amount)
        result.append(
            {**_copy_without(line, "Id", "LineNum", "Amount"), "Amount": amount, "DiscountLineDetail": detail}
        )
    return total, result


def _taxable_base(summed: LineTotals, *, after_discount: bool) -> Decimal:
    if not after_discount or not summed.subtotal:
        return summed.taxable
    return summed.taxable - summed.discount * summed.taxable / summed.subtotal


def _normal_tax(detail: Document, *, total: Decimal) -> Document:
    result = {**detail, "TotalTax": format_amount(total)}
    if "TaxLine" in detail:
        result["TaxLine"] = [_normal_tax_line(line) for line in detail["TaxLine"]]
    return result


def _normal_tax_line(line: Document) -> Document:
    detail = dict(line.get("TaxLineDetail") or {})
    if "NetAmountTaxable" in detail:
        detail["NetAmountTaxable"] = format_amount(_validated_amount(detail["NetAmountTaxable"], "NetAmountTaxable"))
    if "TaxPercent" in detail:
        detail["TaxPercent"] = normalized(_validated_amount(detail["TaxPercent"], "TaxPercent"))
    amount = format_amount(_validated_amount(line.get("Amount", 0), "TaxLine.Amount"))
    return {**line, "Amount": amount, "TaxLineDetail": detail}


def _copy_without(document: Document, *keys: str) -> Document:
    return {key: value for key, value in document.items() if key not in keys}
