"""Prints a transaction as a PDF of one letter page or more."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from fpdf import FPDF

from quickbooks_app.sandbox.runtime.documents import Document

_TITLES = {
    "CreditMemo": "Credit memo",
    "Estimate": "Estimate",
    "Invoice": "Invoice",
    "Payment": "Payment receipt",
    "PurchaseOrder": "Purchase order",
    "RefundReceipt": "Refund receipt",
    "SalesReceipt": "Sales receipt",
}
_WIDTHS = (92, 24, 32, 40)  # in millimetres
_LINE_HEIGHT = 7


def print_transaction(entity: str, document: Document, *, company: Document, at: datetime) -> bytes:
    """Return the PDF of a transaction. The same transaction gives the same bytes at the same moment."""
    page = FPDF(format="Letter")
    page.set_creation_date(at)
    page.set_title(_plain(f"{_TITLES[entity]} {_number(document)}"))
    page.set_author(_plain(str(company["CompanyName"])))
    page.add_page()
    page.set_font("helvetica", size=16)
    _text(page, str(company["CompanyName"]))
    page.set_font("helvetica", size=10)
    for line in _address(company.get("CompanyAddr")):
        _text(page, line)
    page.ln(_LINE_HEIGHT)
    page.set_font("helvetica", style="B", size=14)
    _text(page, f"{_TITLES[entity]} {_number(document)}")
    page.set_font("helvetica", size=10)
    for line in _head(document):
        _text(page, line)
    page.ln(_LINE_HEIGHT)
    for row in (("Description", "Quantity", "Price", "Amount"), *_rows(document)):
        for width, value in zip(_WIDTHS, row, strict=True):
            page.cell(width, _LINE_HEIGHT, _plain(value)[:60], border=1)
        page.ln(_LINE_HEIGHT)
    page.ln(_LINE_HEIGHT)
    for line in _totals(document):
        _text(page, line)
    return bytes(page.output())


def _text(page: FPDF, text: str) -> None:
    page.cell(0, _LINE_HEIGHT, _plain(text))
    page.ln(_LINE_HEIGHT)


def _plain(text: str) -> str:
    """Return the text as far as the built-in fonts have its letters."""
    return text.encode("latin-1", "replace").decode("latin-1").replace("\n", " ")


def _number(document: Document) -> str:
    return str(document.get("DocNumber") or document.get("PaymentRefNum") or document["Id"])


def _head(document: Document) -> Iterator[str]:
    party = document.get("CustomerRef") or document.get("VendorRef") or {}
    yield str(party.get("name", ""))
    yield from _address(document.get("BillAddr") or document.get("VendorAddr"))
    yield f"Date: {document['TxnDate']}"
    if "DueDate" in document:
        yield f"Due: {document['DueDate']}"
    if memo := (document.get("CustomerMemo") or {}).get("value"):
        yield str(memo)


def _address(address: Document | None) -> Iterator[str]:
    keys = ("Line1", "Line2", "Line3", "Line4", "City", "CountrySubDivisionCode", "PostalCode", "Country")
    if parts := [str(address[key]) for key in keys if address and address.get(key)]:
        yield ", ".join(parts)


def _rows(document: Document) -> Iterator[tuple[str, str, str, str]]:
    for line in document.get("Line", []):
        kind = str(line.get("DetailType", ""))
        detail = line.get(kind) or {}
        if kind == "SubTotalLineDetail":
            continue
        item = (detail.get("ItemRef") or detail.get("GroupItemRef") or detail.get("AccountRef") or {}).get("name", "")
        linked = ", ".join(f"{one['TxnType']} {one['TxnId']}" for one in line.get("LinkedTxn", []))
        text = str(line.get("Description") or item or linked or kind.removesuffix("LineDetail"))
        quantity = detail.get("Qty", detail.get("Quantity", ""))
        yield text, str(quantity), str(detail.get("UnitPrice", "")), _money(line.get("Amount"))
        if kind == "GroupLineDetail":
            yield from _rows(detail)


def _totals(document: Document) -> Iterator[str]:
    currency = str((document.get("CurrencyRef") or {}).get("value", ""))
    if tax := (document.get("TxnTaxDetail") or {}).get("TotalTax"):
        yield f"Tax: {_money(tax)}"
    yield f"Total: {_money(document.get('TotalAmt', 0))} {currency}".strip()
    if "Balance" in document:
        yield f"Balance due: {_money(document['Balance'])} {currency}".strip()


def _money(value: object) -> str:
    return "" if value is None else f"{Decimal(str(value)):,.2f}"
