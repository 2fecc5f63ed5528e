"""Customers and sub-customers: unique names, renames, and inactivation instead of deletion."""

import hashlib
from collections.abc import Iterator

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.relations import references
from quickbooks_app.sandbox.accounting.sales_forms import CURRENCY_NAMES, WriteRules
from quickbooks_app.sandbox.ledger.receivables import ENTRIES, entry_amounts
from quickbooks_app.sandbox.runtime.documents import Document, reference, reference_id
from quickbooks_app.sandbox.runtime.errors import (
    duplicate_name,
    invalid_reference,
    invalid_value,
    parameter_missing,
    too_long,
)

DELETED_SUFFIX = " (deleted)"
MAX_NAME_LENGTH = 500


def compose(
    books: Books, *, entity: str, sent: Document, wanted: Document, before: Document | None, rules: WriteRules
) -> Document:
    """Build the complete customer. A client cannot set balances."""
    body = dict(wanted)
    body["Active"] = bool(wanted.get("Active", True))
    name = display_name(wanted)
    if body["Active"]:
        name = name.removesuffix(DELETED_SUFFIX)
    elif not name.endswith(DELETED_SUFFIX):
        name += DELETED_SUFFIX
    if before is None or before["DisplayName"] != name:
        require_unique(books, name, own=before["Id"] if before else "")
    body["DisplayName"] = name
    body.setdefault("PrintOnCheckName", body.get("CompanyName") or name)
    _set_parent(books, body)
    for key, value in (("Taxable", False), ("BillWithParent", False), ("PreferredDeliveryMethod", "Print")):
        body.setdefault(key, value)
    for key in ("Balance", "BalanceWithJobs"):
        body[key] = before.get(key, 0) if before else 0
    body["CurrencyRef"] = before.get("CurrencyRef") if before else currency_of(books, wanted)
    if body["CurrencyRef"] is None or rules.leave_out_currency:
        body.pop("CurrencyRef")
    body["IsProject"] = False
    body["ClientEntityId"] = "0"
    body["V4IDPseudonym"] = (before or {}).get("V4IDPseudonym") or pseudonym(books, name)
    if not body["Taxable"]:
        body.pop("DefaultTaxCodeRef", None)
    else:
        body.setdefault("DefaultTaxCodeRef", {"value": "2"})
    return body


def propagate_rename(books: Books, *, before: Document, after: Document) -> None:
    """Write a customer's new name to its forms and its sub-customers, which does not count as an edit of them."""
    if before["FullyQualifiedName"] == after["FullyQualifiedName"]:
        return
    references.propagate_rename(books, "Customer", before=before, after=after)
    for job in books.children_of("Customer", after["Id"]):
        renamed = {**job, "FullyQualifiedName": f"{after['FullyQualifiedName']}:{job['DisplayName']}"}
        books.update_reference_name("Customer", renamed)
        propagate_rename(books, before=job, after=renamed)


def documents_of(books: Books, customer: str) -> Iterator[tuple[str, Document]]:
    """Every transaction of a customer with its entity, also those whose lines alone name the customer."""
    for entity in ("Invoice", "Payment", "CreditMemo", "RefundReceipt"):
        for document in books.list_of_customer(entity, customer):
            yield entity, document
    for entity in ENTRIES:
        for document in books.list_all(entity):
            if customer in entry_amounts(entity, document):
                yield entity, document


def pseudonym(books: Books, name: str) -> str:
    """Return the opaque name that QuickBooks gives a person."""
    return f"002098{hashlib.blake2b(f'{books.realm} {name}'.encode(), digest_size=16).hexdigest()}"


def require_unique(books: Books, name: str, *, own: str) -> None:
    """Raise BusinessFault 6240 if another customer, vendor or employee than `own` has this name."""
    for entity in ("Customer", "Vendor", "Employee"):
        if books.find_by_name(entity, "DisplayName", name) not in (None, own):
            raise duplicate_name(name)


def display_name(wanted: Document) -> str:
    """Return the name to show: the one given, or that of the person. Raises BusinessFault if it is missing or wrong."""
    parts = (wanted.get(key) for key in ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix"))
    name = str(wanted.get("DisplayName") or " ".join(str(part) for part in parts if part)).strip()
    if not name:
        raise parameter_missing("DisplayName")
    if any(mark in name for mark in ":\t\n"):
        raise invalid_value(element="DisplayName", detail="DisplayName must not contain a colon, tab or newline")
    if len(name) > MAX_NAME_LENGTH:
        raise too_long(element="DisplayName", limit=MAX_NAME_LENGTH)
    return name


def _set_parent(books: Books, body: Document) -> None:
    parent_id = reference_id(body, "ParentRef")
    body["Job"] = bool(parent_id)
    if not parent_id:
        body.pop("ParentRef", None)
        body.pop("Level", None)
        body["FullyQualifiedName"] = body["DisplayName"]
        return
    parent = books.find("Customer", parent_id)
    if parent is None:
        raise invalid_reference(element="ParentRef", value=parent_id)
    body["ParentRef"] = {"value": parent_id}
    body["Level"] = int(parent.get("Level", 0)) + 1
    body["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{body['DisplayName']}"


def currency_of(books: Books, wanted: Document) -> Document:
    """Return the currency of a new customer or vendor: the one given, if the company uses it, or the company's own."""
    home = str(books.get("Preferences", "1")["CurrencyPrefs"]["HomeCurrency"]["value"])
    code = reference_id(wanted, "CurrencyRef") or home
    if code != home and not books.find_by_name("CompanyCurrency", "Code", code):
        raise invalid_reference(element="CurrencyRef", value=code)
    return reference(code, CURRENCY_NAMES[code])
