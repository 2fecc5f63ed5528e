"""Merging of customers, vendors and accounts: what names one names another, and it becomes inactive or is gone."""

from decimal import Decimal

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.customers import DELETED_SUFFIX, documents_of
from quickbooks_app.sandbox.accounting.lists import inactivation
from quickbooks_app.sandbox.accounting.relations import balances, references
from quickbooks_app.sandbox.ledger.receivables import ENTRIES
from quickbooks_app.sandbox.runtime.documents import Document, amount_of, reference, reference_id
from quickbooks_app.sandbox.runtime.errors import business_rule


def merge_into(books: Books, entity: str, *, kept: str, merged: str) -> Document:
    """Merge a vendor or an account into another one, and return that one. The merged one becomes inactive.

    Only people merge, on QuickBooks' pages: its API refuses a name that is taken (6240). Raises BusinessFault 610 if
    one does not exist, 6000 if they cannot be merged.
    """
    target, source = books.get(entity, kept), books.get(entity, merged)
    if kept == merged or reference_id(target, "CurrencyRef") != reference_id(source, "CurrencyRef"):
        raise business_rule("What has another currency cannot be merged, nor anything with itself.")
    if entity == "Account":
        if any(source.get(key) != target.get(key) for key in ("AccountType", "AccountSubType")):
            raise business_rule("Accounts of different types cannot be merged.")
        inactivation.require_ending(books, entity, source, refuse_balance=False)
    owed = amount_of(target, "Balance") + amount_of(source, "Balance")
    name = references.name_of(target)

    def move(key: str, found: Document, owner: str) -> bool:
        if found.get("value") != merged or references.target_of(owner, key, found) != entity:
            return False
        found.update({"value": kept, **({"name": name} if "name" in found else {})})
        return True

    references.rewrite_matching(books, f'"value":"{merged}"', change=move)
    if entity == "Vendor":
        for id, balance in ((merged, Decimal(0)), (kept, owed)):
            balances.add_to_vendor(books, id, balance - amount_of(books.get("Vendor", id), "Balance"))
    else:
        books.mark()
    key = "DisplayName" if entity == "Vendor" else "Name"
    source = books.get(entity, merged)
    gone = {
        name_key: f"{source[name_key]}{DELETED_SUFFIX}"
        for name_key in (key, "FullyQualifiedName")
        if name_key in source
    }
    books.update(entity, {**source, "Active": False, **gone}, notify=False)
    result = books.update(entity, books.get(entity, kept), notify=False)
    books.record_merge(entity, kept=kept, merged=merged)
    return result


def merge(books: Books, *, kept: str, merged: str, deletes: bool = False) -> Document:
    """Merge the customer `merged` into `kept`, and return that one.

    The documents move without a new LastUpdatedTime, as QuickBooks moves them. `deletes` leaves a tombstone of the
    merged customer; otherwise it becomes inactive. Raises BusinessFault 610 if one does not exist, 6000 if they cannot
    be merged.
    """
    target, source = books.get("Customer", kept), books.get("Customer", merged)
    if kept == merged or books.children_of("Customer", merged):
        raise business_rule("A customer that has sub-customers cannot be merged, nor one with itself.")
    if reference_id(target, "CurrencyRef") != reference_id(source, "CurrencyRef"):
        raise business_rule("Customers with different currencies cannot be merged.")
    owed = amount_of(target, "Balance") + amount_of(source, "Balance")
    name = reference(kept, target["FullyQualifiedName"])
    for entity, document in documents_of(books, merged):
        moved = {**document, "CustomerRef": name} if "CustomerRef" in document else document
        if entity in ENTRIES:
            moved = _with_customer(moved, merged, name)
        books.update_reference_name(entity, moved)
    for id, balance in ((merged, Decimal(0)), (kept, owed)):
        balances.add_to_customer(books, id, balance - amount_of(books.get("Customer", id), "Balance"))
    source = books.get("Customer", merged)
    if deletes:
        books.delete("Customer", source, notify=False)
    else:
        gone = source["DisplayName"].removesuffix(DELETED_SUFFIX) + DELETED_SUFFIX
        full = source["FullyQualifiedName"].removesuffix(DELETED_SUFFIX) + DELETED_SUFFIX
        inactive = {**source, "Active": False, "DisplayName": gone, "FullyQualifiedName": full}
        books.update("Customer", inactive, notify=False)
    result = books.update("Customer", books.get("Customer", kept), notify=False)
    books.record_merge("Customer", kept=kept, merged=merged)
    return result


def _with_customer(document: Document, merged: str, name: Document) -> Document:
    """Return an entry with the customer replaced wherever a reference names it."""
    result: Document = {}
    for key, value in document.items():
        if isinstance(value, list):
            result[key] = [_with_customer(one, merged, name) if isinstance(one, dict) else one for one in value]
        elif not isinstance(value, dict):
            result[key] = value
        elif key in ("CustomerRef", "EntityRef", "Entity") and value.get("value") == merged:
            result[key] = {**value, **name}
        else:
            result[key] = _with_customer(value, merged, name)
    return result
