"""Taxes outside of the US: each line has a code, and prices include the tax, exclude it or know none."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.runtime.documents import (
    Document,
    format_amount,
    normalized,
    parse_number,
    reference_id,
)
from quickbooks_app.sandbox.runtime.errors import (
    business_rule,
    invalid_enumeration,
    invalid_reference,
    invalid_value,
    parameter_missing,
    tax_not_applicable,
)

Side = Literal["Sales", "Purchase"]
Rates = list[tuple[str, Decimal]]  # id and percentage

INCLUSIVE, EXCLUDED, NONE = "TaxInclusive", "TaxExcluded", "NotApplicable"
_DETAILS = ("SalesItemLineDetail", "AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail")
_HUNDRED = Decimal(100)


def applies(books: Books) -> bool:
    """Return whether the company is one outside of the US."""
    company = books.find("CompanyInfo", "1") or {}
    return str(company.get("Country", "US")) != "US"


def prepare(books: Books, body: Document, *, side: Side) -> None:
    """Set the form's calculation, and the amount of each line to what it is without tax.

    Raises BusinessFault 6000 for a line without a code, 2500 for a code and 2170 for a calculation that do not exist.
    """
    calculation = str(body.setdefault("GlobalTaxCalculation", EXCLUDED))
    if calculation not in (INCLUSIVE, EXCLUDED, NONE):
        raise invalid_enumeration(element="GlobalTaxCalculation", value=calculation)
    if calculation == NONE and parse_number((body.get("TxnTaxDetail") or {}).get("TotalTax", 0)):
        raise tax_not_applicable()
    for line, detail in _taxable(body.get("Line") or []):
        if calculation == NONE:
            detail.pop("TaxCodeRef", None)
            detail.pop("TaxInclusiveAmt", None)
            continue
        code = reference_id(detail, "TaxCodeRef")
        if not code:
            raise business_rule("Make sure all your transactions have a tax rate before you save.")
        rates = rates_of(books, code, side=side)
        if calculation == EXCLUDED:
            detail.pop("TaxInclusiveAmt", None)
            continue
        gross = _amount(line, detail)
        line["Amount"] = format_amount(gross / (1 + _whole(rates) / _HUNDRED))
        detail["TaxInclusiveAmt"] = format_amount(gross)


def tax_detail(books: Books, body: Document, *, side: Side, share: Decimal = Decimal(1)) -> Document:
    """Return the tax of a prepared form, a line for each rate. `share` is what a discount before tax leaves of it."""
    if body["GlobalTaxCalculation"] == NONE:
        for _, detail in _taxable(body["Line"]):
            detail.pop("TaxCodeRef", None)
        return {"TotalTax": 0}
    bases: dict[str, Decimal] = {}
    taxes: dict[str, Decimal] = {}
    percents: dict[str, Decimal] = {}
    for line, detail in _taxable(body["Line"]):
        net = Decimal(line.get("Amount", 0)) * share
        rates = rates_of(books, reference_id(detail, "TaxCodeRef"), side=side)
        gross = detail.get("TaxInclusiveAmt")
        included = None if gross is None else (Decimal(gross) - Decimal(line["Amount"])) * share
        for id, percent in rates:
            percents[id] = percent
            bases[id] = bases.get(id, Decimal(0)) + net
            # What a price includes is split as it is, so that no cent is lost in between.
            part = net * percent / _HUNDRED if included is None else included * percent / (_whole(rates) or 1)
            taxes[id] = taxes.get(id, Decimal(0)) + part
    lines: list[Document] = [
        {
            "Amount": format_amount(taxes[id]),
            "DetailType": "TaxLineDetail",
            "TaxLineDetail": {
                "TaxRateRef": {"value": id},
                "PercentBased": True,
                "TaxPercent": normalized(percents[id]),
                "NetAmountTaxable": format_amount(bases[id]),
            },
        }
        for id in taxes
    ]
    total = sum((Decimal(line["Amount"]) for line in lines), Decimal(0))
    return {"TotalTax": format_amount(total), "TaxLine": lines}


def is_given(sent: Document) -> bool:
    """Return whether a request says the tax itself."""
    detail = sent.get("TxnTaxDetail") or {}
    return "TotalTax" in detail or bool(detail.get("TaxLine"))


def rates_of(books: Books, code: str, *, side: Side) -> Rates:
    """Return the rates that a code charges on sales or purchases. Raises BusinessFault 2500 for an unknown code."""
    found = books.find("TaxCode", code)
    if found is None:
        raise invalid_reference(element="TaxCodeRef", value=code)
    listed = (found.get(f"{side}TaxRateList") or {}).get("TaxRateDetail", [])
    rates = [books.find("TaxRate", reference_id(one, "TaxRateRef")) for one in listed]
    return [(rate["Id"], Decimal(rate["RateValue"])) for rate in rates if rate is not None]


def _taxable(lines: list[Document]) -> Iterator[tuple[Document, Document]]:
    """Each line that a tax can be charged on, with its detail."""
    for line in lines:
        if group := line.get("GroupLineDetail"):
            yield from _taxable(group.get("Line") or [])
            continue
        for key in _DETAILS:
            if isinstance(line.get(key), dict):
                yield line, line[key]


def _whole(rates: Rates) -> Decimal:
    return sum((percent for _, percent in rates), Decimal(0))


def _amount(line: Document, detail: Document) -> Decimal:
    """What a line costs with its tax: as it says, or else its amount, or quantity and price."""
    value = detail.get("TaxInclusiveAmt", line.get("Amount"))
    try:
        if value is None and "Qty" in detail and "UnitPrice" in detail:
            return parse_number(detail["Qty"]) * parse_number(detail["UnitPrice"])
        if value is None:
            raise parameter_missing("Line.Amount")
        return parse_number(value)
    except ValueError:
        raise invalid_value(element="Amount", detail=f"Invalid Number : {value}") from None
