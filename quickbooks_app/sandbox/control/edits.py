"""Converts forms of the control page into the requests that an API client would send."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from quickbooks_app.sandbox.accounting import entries
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.runtime.documents import (
    Document,
    amount_of,
    normalized,
    parse_number,
)
from quickbooks_app.sandbox.runtime.errors import invalid_value

Form = Mapping[str, str]
Write = Callable[[Books, Document], None]

LINES_ON_THE_FORM = 3


def known_state(invoice: Document, form: Form) -> Document:
    """Return the id and the SyncToken shown on the form, so that a stale edit is refused."""
    return {"Id": invoice["Id"], "SyncToken": form.get("sync_token", "")}


def money_lines(invoice: Document) -> list[Document]:
    """Return the lines whose amount can be edited, including those inside bundles."""
    found: list[Document] = []
    for line in invoice["Line"]:
        if line["DetailType"] == "GroupLineDetail":
            found += line["GroupLineDetail"]["Line"]
        elif line["DetailType"] == "SalesItemLineDetail" and "Id" in line:
            found.append(line)
    return found


def edited_invoice(invoice: Document, form: Form) -> Document:
    """Return a sparse update with every field of the form. An empty field clears the value."""
    payload: Document = {**known_state(invoice, form), "sparse": True}
    payload["DocNumber"] = form.get("number", "").strip() or None
    payload["DueDate"] = form.get("due_date", "").strip() or None
    payload["PrivateNote"] = form.get("note", "").strip() or None
    memo, email = form.get("memo", "").strip(), form.get("email", "").strip()
    payload["CustomerMemo"] = {"value": memo} if memo else None
    payload["BillEmail"] = {"Address": email} if email else None
    if form.get("customer", "").strip():
        payload["CustomerRef"] = {"value": form["customer"].strip()}
    if form.get("deposit", "").strip():
        payload["Deposit"] = _amount(form["deposit"], "Deposit")
    payload["Line"] = [_edited_line(line, form) for line in invoice["Line"]]
    return payload


def credit_document(invoice: Document, form: Form) -> tuple[str, str, Document]:
    """Return what lowers this invoice without money: its kind as payments name it, its entity, and its create request.

    The kind is CreditMemo or one of `entries.KINDS`. Raises BusinessFault for another kind or amount.
    """
    kind, amount = form.get("kind", ""), _amount(form.get("amount", ""), "Amount")
    customer = invoice["CustomerRef"]["value"]
    if kind == "CreditMemo":
        lines = [line for line in money_lines(invoice) if "ItemRef" in line["SalesItemLineDetail"]]
        detail = {"ItemRef": lines[0]["SalesItemLineDetail"]["ItemRef"]} if lines else {}
        sold = {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
        return kind, kind, {"CustomerRef": {"value": customer}, "Line": [sold]}
    if kind not in entries.KINDS:
        raise invalid_value(element="TxnType", detail=f"Not a kind of credit: {kind or 'empty'}")
    entity, payload = entries.on_receivables(kind, customer_id=customer, amount=amount)
    return kind, entity, payload


def application_of(invoice: Document, credit: Document, *, kind: str, form: Form) -> Document:
    """Return the payment of zero that lays `credit` against the invoice, up to its open balance."""
    amount = min(_amount(form.get("amount", ""), "Amount"), amount_of(invoice, "Balance"))
    sides = ((invoice["Id"], "Invoice"), (credit["Id"], kind))
    return {
        "CustomerRef": {"value": invoice["CustomerRef"]["value"]},
        "TotalAmt": 0,
        "Line": [{"Amount": amount, "LinkedTxn": [{"TxnId": id, "TxnType": name}]} for id, name in sides],
    }


def payment_of(invoice: Document, form: Form) -> Document:
    """Return a payment by this invoice's customer, applied up to the open balance."""
    amount = _amount(form.get("amount", ""), "Amount")
    applied = min(amount, amount_of(invoice, "Balance"))
    payload: Document = {
        "CustomerRef": {"value": invoice["CustomerRef"]["value"]},
        "TotalAmt": amount,
        "Line": [{"Amount": applied, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}],
    }
    if "ExchangeRate" in invoice:
        payload["ExchangeRate"] = invoice["ExchangeRate"]
    for field, key in (("date", "TxnDate"), ("reference", "PaymentRefNum")):
        if form.get(field, "").strip():
            payload[key] = form[field].strip()
    return payload


def new_invoice(form: Form) -> Document:
    """Return a new invoice with up to three lines."""
    lines = []
    for position in range(1, LINES_ON_THE_FORM + 1):
        item = form.get(f"item-{position}", "")
        if not item:
            continue
        quantity = _amount(form.get(f"quantity-{position}") or "1", "Qty")
        price = _amount(form.get(f"price-{position}", ""), "UnitPrice")
        line: Document = {
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": item}, "Qty": quantity, "UnitPrice": price},
        }
        if text := form.get(f"text-{position}", "").strip():
            line["Description"] = text
        lines.append(line)
    payload: Document = {"CustomerRef": {"value": form.get("customer", "")}, "Line": lines}
    for field, key in (("date", "TxnDate"), ("due_date", "DueDate"), ("number", "DocNumber")):
        if form.get(field, "").strip():
            payload[key] = form[field].strip()
    if email := form.get("email", "").strip():
        payload["BillEmail"] = {"Address": email}
    if form.get("deposit", "").strip():
        payload["Deposit"] = _amount(form["deposit"], "Deposit")
    return payload


def _edited_line(line: Document, form: Form) -> Document:
    if line["DetailType"] == "GroupLineDetail":
        group = line["GroupLineDetail"]
        return {**line, "GroupLineDetail": {**group, "Line": [_edited_line(inner, form) for inner in group["Line"]]}}
    text = form.get(f"amount-{line.get('Id')}")
    if text is None or line["DetailType"] != "SalesItemLineDetail":
        return line
    amount = _amount(text, "Amount")
    if amount == Decimal(line["Amount"]):
        return line
    detail = dict(line["SalesItemLineDetail"])
    if detail.get("Qty"):
        # The quantity stays; the price becomes what the amount says, to the seven decimals prices may have.
        detail["UnitPrice"] = normalized((amount / Decimal(detail["Qty"])).quantize(Decimal("0.0000001")))
    return {**line, "Amount": amount, "SalesItemLineDetail": detail}


def _amount(text: str, element: str) -> Decimal:
    try:
        return parse_number(text.strip().replace(",", ""))
    except ValueError:
        raise invalid_value(element=element, detail=f"Not an amount: {text or 'empty'}") from None
