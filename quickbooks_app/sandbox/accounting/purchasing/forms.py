"""Bills, vendor credits and purchase orders: from a client's request to the stored document."""

from datetime import date, timedelta
from decimal import Decimal

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.company import global_tax
from quickbooks_app.sandbox.accounting.purchasing.lines import purchase_lines, total_of
from quickbooks_app.sandbox.accounting.relations.addresses import ship_from
from quickbooks_app.sandbox.accounting.relations.links import raise_links
from quickbooks_app.sandbox.accounting.sales_forms import MAX_NUMBER_LENGTH, WriteRules, set_balance, set_currency
from quickbooks_app.sandbox.ledger import accounts
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import (
    Document,
    amount_of,
    format_amount,
    parse_number,
    reference,
    reference_id,
)
from quickbooks_app.sandbox.runtime.errors import business_rule, duplicate_number, invalid_reference, too_long


def compose(
    books: Books, *, entity: str, sent: Document, wanted: Document, before: Document | None, rules: WriteRules
) -> Document:
    """Build the complete form. What bill payments have applied stays applied."""
    body = dict(wanted)
    vendor_id = reference_id(wanted, "VendorRef")
    vendor = books.find("Vendor", vendor_id)
    if vendor is None:
        raise invalid_reference(element="VendorRef", value=vendor_id)
    body["TxnDate"] = str(wanted.get("TxnDate") or clock.company_today(books.at).isoformat())[:10]
    _set_number(books, entity, body, before=before, rules=rules)
    body["Line"] = purchase_lines(books, body)
    body.setdefault("TxnTaxDetail", {})
    if global_tax.applies(books) and not global_tax.is_given(sent):
        body["TxnTaxDetail"] = global_tax.tax_detail(books, body, side="Purchase")
    tax = parse_number(body["TxnTaxDetail"].get("TotalTax", 0))
    total = total_of(body["Line"]) + tax
    if total < 0:
        raise business_rule("Transaction amount must be 0 or greater.")
    body["TotalAmt"] = format_amount(total)
    set_currency(books, body, customer=vendor, rules=rules)
    home = str(books.get("Preferences", "1")["CurrencyPrefs"]["HomeCurrency"]["value"])
    account = accounts.payables(currency=reference_id(vendor, "CurrencyRef") or home, home=home)
    body["APAccountRef"] = reference(account.id, account.name)
    if "ExchangeRate" in body:
        body["HomeTotalAmt"] = format_amount(total * Decimal(body["ExchangeRate"]))
    _set_links(body, before=before)
    if before is None and "BillAddr" in vendor:
        body.setdefault("VendorAddr", vendor["BillAddr"])
    if entity == "PurchaseOrder":
        if before is None:
            body.setdefault("ShipAddr", ship_from(books))
            if "PrimaryEmailAddr" in vendor:
                body.setdefault("POEmail", vendor["PrimaryEmailAddr"])
        body.setdefault("POStatus", "Open")
        body.setdefault("EmailStatus", "NotSet")
        return body
    if entity == "Bill":
        _set_due_date(books, body, sent=sent, vendor=vendor)
    already = amount_of(before, "TotalAmt") - amount_of(before, "Balance") if before else Decimal(0)
    set_balance(body, max(total - already, Decimal(0)))
    return body


def _set_number(books: Books, entity: str, body: Document, *, before: Document | None, rules: WriteRules) -> None:
    """Check the document number. Purchase orders are numbered by the company, bills by the vendor."""
    number = str(body.pop("DocNumber", None) or "")
    if not number and entity == "PurchaseOrder" and before is None:
        number = str(books.next_value("PurchaseOrderNumber", first=1001))
    if len(number) > MAX_NUMBER_LENGTH:
        raise too_long(element="DocNumber", limit=MAX_NUMBER_LENGTH)
    if not number:
        return
    body["DocNumber"] = number
    is_new = before is None or before.get("DocNumber") != number
    if entity == "PurchaseOrder" and is_new and rules.refuse_duplicate_numbers:
        holder = books.find_by_number(entity, number)
        if holder:
            raise duplicate_number(number=number, txn_type=entity, txn_id=holder)


def _set_links(body: Document, *, before: Document | None) -> None:
    # Only payments make and break their own links; a client may set the others.
    links = [link for link in body.get("LinkedTxn", []) if link.get("TxnType") not in PAYMENT_TYPES]
    links += [link for link in (before or {}).get("LinkedTxn", []) if link["TxnType"] in PAYMENT_TYPES]
    body["LinkedTxn"] = links
    raise_links(body)


def _set_due_date(books: Books, body: Document, *, sent: Document, vendor: Document) -> None:
    if "SalesTermRef" not in body and "TermRef" in vendor and "Id" not in body:
        body["SalesTermRef"] = vendor["TermRef"]
    days = 0
    if term_id := reference_id(body, "SalesTermRef"):
        term = books.find("Term", term_id)
        if term is None:
            raise invalid_reference(element="SalesTermRef", value=term_id)
        days = int(term.get("DueDays", 0))
    given = None if "SalesTermRef" in sent and "DueDate" not in sent else body.get("DueDate")
    due = date.fromisoformat(body["TxnDate"]) + timedelta(days=days)
    body["DueDate"] = str(given)[:10] if given else due.isoformat()


# As bills name the payments that they are linked to.
PAYMENT_TYPES = ("BillPaymentCheck", "BillPaymentCreditCard", "BillPayment")
