"""Asserts that infactor's invoices, payments and credit memos equal QuickBooks' in every field.

`assert_matches_quickbooks(connection, books)` takes any books; `read_quickbooks` reads those of a running sandbox.
"""

from collections.abc import Iterator, Mapping, Set
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import requests

from infactor.invoices.models import BooksPayment, Buyer, CreditMemo, Invoice
from infactor.invoices.states import BooksStatus
from quickbooks_app.models import Connection, Document

Payload = dict[str, Any]
# Every live object in the books, by entity and id.
Books = Mapping[str, Mapping[str, Payload]]
# The ids, by entity, of objects that QuickBooks does not give out: they may differ, and what depends on them.
Refused = Mapping[str, Set[str]]
NONE_REFUSED: Refused = {}
ENTITIES = ("Customer", "Invoice", "Payment", "CreditMemo")
DECODER = msgspec.json.Decoder(float_hook=Decimal)


def read_quickbooks(base: str, *, realm: str, token: str) -> Books:
    """All live objects of the company `realm` in the sandbox at `base`, while nobody writes there."""
    books: dict[str, dict[str, Payload]] = {}
    for entity in ENTITIES:
        where = "WHERE Active IN (true, false)" if entity == "Customer" else ""
        found: dict[str, Payload] = {}
        while True:
            answer = requests.get(
                f"{base}/v3/company/{realm}/query",
                params={"query": f"SELECT * FROM {entity} {where} STARTPOSITION {len(found) + 1} MAXRESULTS 1000"},
                headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
                timeout=60,
            )
            assert answer.status_code == 200, answer.text
            page = DECODER.decode(answer.content)["QueryResponse"].get(entity, [])
            found |= {one["Id"]: one for one in page}
            if len(page) < 1000:
                break
        books[entity] = found
    return books


def assert_matches_quickbooks(connection: Connection, books: Books, refused: Refused = NONE_REFUSED) -> None:
    """Fail with every difference, except those of `refused` objects."""
    found = list(differences(connection, books, refused))
    assert found == [], "\n".join([f"{len(found)} differences:", *found[:40]])


def differences(connection: Connection, books: Books, refused: Refused = NONE_REFUSED) -> Iterator[str]:
    """Describe every difference between infactor's copy and the company's books, except those of `refused` objects."""
    file = connection.company_file_id
    invoices = {one.qbk_invoice_id: one for one in Invoice.objects.filter(company_file=file).select_related("buyer")}
    payments = {
        one.reference: one
        for one in BooksPayment.objects.filter(company_file=file)
        .select_related("buyer")
        .prefetch_related("allocations__invoice")
    }
    memos = {one.reference: one for one in CreditMemo.objects.filter(company_file=file).select_related("buyer")}
    buyers = {one.reference: one for one in Buyer.objects.filter(company_file=file)}
    gone = {
        "Invoice": {key for key, one in invoices.items() if one.books_status == BooksStatus.DELETED},
        "Payment": {key for key, one in payments.items() if one.deleted_at},
        "CreditMemo": {key for key, one in memos.items() if one.deleted_at},
        "Customer": {key for key, one in buyers.items() if not one.is_active and key not in books["Customer"]},
    }
    held: Mapping[str, Mapping[str, Any]] = {
        "Invoice": invoices, "Payment": payments, "CreditMemo": memos, "Customer": buyers,
    }  # fmt: skip
    for entity in ENTITIES:
        alive = set(held[entity]) - gone[entity]
        excused = refused.get(entity, frozenset())
        for missing in sorted(set(books[entity]) - alive - excused):
            yield f"{entity} {missing} is in the books and not here"
        for too_many in sorted(alive - set(books[entity]) - excused):
            yield f"{entity} {too_many} is here and not in the books"
        mirrored = Document.objects.filter(connection=connection, entity=entity, deleted_at__isnull=True)
        if set(mirrored.values_list("qbk_id", flat=True)) - excused != set(books[entity]) - excused:
            yield f"{entity}: the mirror holds others than the books"
        for key in sorted((alive & set(books[entity])) - excused):
            payload = books[entity][key]
            told = TELL[entity](payload, held[entity][key])
            yield from (
                f"{entity} {key}: {what} is {here!r}, {there!r} in the books"
                for what, here, there in told
                if not _depends_on_refused(what, here, payload, books=books, refused=refused)
            )


def _depends_on_refused(what: str, here: Any, payload: Payload, *, books: Books, refused: Refused) -> bool:
    """Whether a field shows what a refused object says: the customer or its parents, or the invoice that was paid."""
    if what == "lines without their invoice":
        return set(here) <= set(refused.get("Invoice", ()))  # a voided payment names them no longer
    if what not in ("buyer", "company name"):
        return False
    customer = payload["CustomerRef"]["value"]
    while customer:
        if customer in refused.get("Customer", ()):
            return True
        customer = books["Customer"].get(customer, {}).get("ParentRef", {}).get("value", "")
    return False


Told = Iterator[tuple[str, Any, Any]]


def _different(pairs: Mapping[str, tuple[Any, Any]]) -> Told:
    return ((what, here, there) for what, (here, there) in pairs.items() if here != there)


def _customer(payload: Payload, buyer: Buyer) -> Told:
    return _different(
        {
            "name": (buyer.name, payload["DisplayName"]),
            "active": (buyer.is_active, payload["Active"]),
            "balance": (buyer.balance, _amount(payload["Balance"])),
        }
    )


def _invoice(payload: Payload, invoice: Invoice) -> Told:
    total, balance = _amount(payload["TotalAmt"]), _amount(payload["Balance"])
    customer = payload["CustomerRef"]
    return _different(
        {
            "amount": (invoice.invoice_amount, total),
            "balance": (invoice.balance, balance),
            "deposit": (invoice.deposit or 0, _amount(payload.get("Deposit", 0))),
            "tax": (invoice.tax_amount, _amount(payload["TxnTaxDetail"].get("TotalTax", 0))),
            "status": (invoice.books_status, _status(payload, total=total, balance=balance)),
            "number": (invoice.invoice_no, payload.get("DocNumber", "")),
            "due date": (invoice.payable_date and invoice.payable_date.isoformat(), payload.get("DueDate")),
            "currency": (
                invoice.currency,
                payload.get("CurrencyRef", {}).get("value") or invoice.company_file.home_currency,
            ),
            "customer": (invoice.customer_reference, customer["value"]),
            "buyer": (invoice.buyer and invoice.buyer.reference, customer["value"]),
            "company name": (invoice.company_name, customer["name"]),
            "version": (invoice.sync_token, payload["SyncToken"]),
            "changed": (invoice.books_updated_at, _updated(payload)),
            "links": (invoice.linked_txn, payload.get("LinkedTxn", [])),
        }
    )


def _payment(payload: Payload, payment: BooksPayment) -> Told:
    is_void = str(payload.get("PrivateNote", "")).startswith("Voided")
    lines = [
        (line["LinkedTxn"][0]["TxnType"], line["LinkedTxn"][0]["TxnId"], _amount(line["Amount"]))
        for line in payload["Line"]
        if line.get("LinkedTxn")
    ]
    here = [(line.kind, line.reference, line.amount) for line in payment.allocations.all()]
    tied = {line.reference for line in payment.allocations.all() if line.kind == "Invoice" and line.invoice is None}
    return _different(
        {
            "amount": (payment.amount, _amount(payload["TotalAmt"])),
            "unapplied": (payment.unapplied, _amount(payload["UnappliedAmt"])),
            "void": (payment.is_void, is_void),
            # A voided payment keeps the invoices that it was applied to.
            "lines": ([], lines) if is_void else (here, lines),
            "lines without their invoice": (tied, set()),
            "day": (payment.paid_on and payment.paid_on.isoformat(), payload["TxnDate"]),
            "buyer": (payment.buyer and payment.buyer.reference, payload["CustomerRef"]["value"]),
        }
    )


def _credit_memo(payload: Payload, memo: CreditMemo) -> Told:
    return _different(
        {
            "amount": (memo.amount, _amount(payload["TotalAmt"])),
            "remaining": (memo.remaining, _amount(payload.get("RemainingCredit", payload["Balance"]))),
            "number": (memo.number, payload.get("DocNumber", "")),
            "buyer": (memo.buyer and memo.buyer.reference, payload["CustomerRef"]["value"]),
        }
    )


TELL: Mapping[str, Any] = {
    "Customer": _customer, "Invoice": _invoice, "Payment": _payment, "CreditMemo": _credit_memo,
}  # fmt: skip


def _status(payload: Payload, *, total: Decimal, balance: Decimal) -> str:
    if total == 0 and balance == 0 and str(payload.get("PrivateNote", "")).startswith("Voided"):
        return "voided"
    if balance == 0:
        return "paid"
    return "partly_paid" if balance < total else "open"


def _amount(value: Any) -> Decimal:
    return Decimal(value).quantize(Decimal("0.01"))


def _updated(payload: Payload) -> datetime:
    return datetime.fromisoformat(payload["MetaData"]["LastUpdatedTime"])
