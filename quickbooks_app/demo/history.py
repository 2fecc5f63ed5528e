"""The demo company's history as the QuickBooks company of this machine takes it: one create request an object."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from infactor.financing.demo.customers import CUSTOMERS, Customer
from infactor.financing.demo.dates import ISSUED, OPENED_HOUR, PAID, DemoCalendar
from infactor.financing.demo.invoices import (
    CREDIT_MEMOS,
    DELIVERY,
    DemoInvoice,
    all_invoices,
    items_of,
    memo_reference,
    payments_of,
    receipt_number,
)

REALM = "9341457021722428"
NAME, EMAIL = "Harbor Street Print", "office@harborstreetprint.example"
ADDRESS = {
    "Line1": "48 Harbor Street",
    "City": "Oakland",
    "CountrySubDivisionCode": "CA",
    "PostalCode": "94607",
}
USUAL_TERMS = {0: "1", 15: "2", 30: "3", 60: "4", 90: "5"}  # ids of what every company has, by days
FIRST_OWN_TERM, FIRST_ITEM = 6, 2
TAX_CODE = "2"
Json = dict[str, Any]
_json = msgspec.json.Encoder(decimal_format="number")


def encoded(calendar: DemoCalendar, *, opened_days_ago: int) -> bytes:
    """The history up to today, as JSON."""
    opened_at = calendar.moment(opened_days_ago, ISSUED.replace(hour=OPENED_HOUR))
    return _json.encode(
        {
            "realm": REALM,
            "name": NAME,
            "email": EMAIL,
            "address": ADDRESS,
            "opened_at": opened_at,
            "entries": [*_lists(opened_at), *_documents(calendar)],
        }
    )


def _lists(opened_at: datetime) -> Iterator[Json]:
    for days, id in _terms().items():
        if days not in USUAL_TERMS:
            yield _entry(opened_at, "Term", id, {"Name": f"Net {days}", "DueDays": days})
    for name, id in _items().items():
        price = {"UnitPrice": DELIVERY} if name == "Delivery" else {}
        body = {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": "79"}, **price}
        yield _entry(opened_at, "Item", id, body)
    for customer in CUSTOMERS:
        yield _entry(opened_at, "Customer", customer.reference, _customer(customer))


def _documents(calendar: DemoCalendar) -> list[Json]:
    """Invoices, payments and credit memos in the order of their moments."""
    invoices, terms, items = all_invoices(), _terms(), _items()
    customers = {one.reference: one for one in CUSTOMERS}
    found = [
        _entry(
            calendar.moment(one.issued, ISSUED),
            "Invoice",
            one.number,
            _invoice(one, customers[one.customer], calendar, term=terms[one.terms], items=items),
        )
        for one in invoices
    ]
    for reference, invoice, payment in payments_of(invoices):
        body = {
            "CustomerRef": {"value": invoice.customer},
            "TotalAmt": payment.amount,
            "TxnDate": calendar.day(payment.day),
            "PaymentRefNum": receipt_number(invoice),
            "Line": [{"Amount": payment.amount, "LinkedTxn": [{"TxnId": invoice.number, "TxnType": "Invoice"}]}],
        }
        found.append(_entry(calendar.moment(payment.day, PAID), "Payment", reference, body))
    for place, memo in enumerate(CREDIT_MEMOS):
        bought = customers[memo.customer].buys
        body = {
            "CustomerRef": {"value": memo.customer},
            "DocNumber": memo.number,
            "TxnDate": calendar.day(memo.issued),
            "Line": [_line(items[bought], f"Returned: {bought}", memo.amount)],
        }
        found.append(_entry(calendar.moment(memo.issued, ISSUED), "CreditMemo", memo_reference(place), body))
    return sorted(found, key=lambda one: one["at"])


def _invoice(
    invoice: DemoInvoice, customer: Customer, calendar: DemoCalendar, *, term: str, items: dict[str, str]
) -> Json:
    lines = [_line(items[one.name], one.description, one.amount) for one in items_of(invoice, customer)]
    sent = {"BillEmail": {"Address": customer.email}, "EmailStatus": "EmailSent"} if customer.email else {}
    tax = {"TxnTaxDetail": {"TxnTaxCodeRef": {"value": TAX_CODE}, "TotalTax": invoice.tax}} if invoice.tax else {}
    return {
        "CustomerRef": {"value": invoice.customer},
        "DocNumber": invoice.number,
        "TxnDate": calendar.day(invoice.issued),
        "DueDate": calendar.day(invoice.due),
        "SalesTermRef": {"value": term},
        "Line": lines,
        **sent,
        **tax,
    }


def _line(item: str, description: str, amount: Decimal) -> Json:
    return {
        "Amount": amount,
        "Description": description,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": item}, "Qty": 1, "UnitPrice": amount},
    }


def _customer(customer: Customer) -> Json:
    given, _, family = customer.contact.partition(" ")
    keys = ("Line1", "City", "CountrySubDivisionCode", "PostalCode")
    return {
        "DisplayName": customer.name,
        "GivenName": given,
        "FamilyName": family,
        "BillAddr": dict(zip(keys, customer.address, strict=True)),
        "PrimaryPhone": {"FreeFormNumber": customer.phone},
        **({"CompanyName": customer.company} if customer.company else {}),
        **({"PrimaryEmailAddr": {"Address": customer.email}} if customer.email else {}),
    }


def _terms() -> dict[int, str]:
    """The id of each term, by the days that it gives."""
    own = sorted({one.terms for one in all_invoices()} - USUAL_TERMS.keys())
    return USUAL_TERMS | {days: str(id) for id, days in enumerate(own, start=FIRST_OWN_TERM)}


def _items() -> dict[str, str]:
    """The id of each item, by its name."""
    names = dict.fromkeys([*(one.buys for one in CUSTOMERS), "Delivery"])
    return {name: str(id) for id, name in enumerate(names, start=FIRST_ITEM)}


def _entry(at: datetime, entity: str, id: str, body: Json) -> Json:
    return {"at": at, "entity": entity, "id": id, "body": body}
