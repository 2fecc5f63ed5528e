"""References between objects: they must exist, and carry the name that their target has today."""

from collections.abc import Callable, Iterator

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.runtime.documents import Document, decode, encode, reference_id
from quickbooks_app.sandbox.runtime.errors import invalid_reference, made_inactive, wrong_account_type

# The object that a reference of this name points to. References that are not here are kept as sent.
TARGETS = {
    "CustomerRef": "Customer",
    "VendorRef": "Vendor",
    "PrefVendorRef": "Vendor",
    "EmployeeRef": "Employee",
    "ItemRef": "Item",
    "GroupItemRef": "Item",
    "ClassRef": "Class",
    "DepartmentRef": "Department",
    "SalesTermRef": "Term",
    "TermRef": "Term",
    "PaymentMethodRef": "PaymentMethod",
    "CustomerTypeRef": "CustomerType",
    "AgencyRef": "TaxAgency",
    "JournalCodeRef": "JournalCode",
    **dict.fromkeys(
        (
            "APAccountRef",
            "ARAccountRef",
            "AccountRef",
            "AdjustAccountRef",
            "AssetAccountRef",
            "BankAccountRef",
            "CCAccountRef",
            "CreditCardAccountRef",
            "DepositToAccountRef",
            "DiscountAccountRef",
            "ExpenseAccountRef",
            "FromAccountRef",
            "IncomeAccountRef",
            "ItemAccountRef",
            "ToAccountRef",
        ),
        "Account",
    ),
}
# As recorded, these carry no name.
_NAMELESS = frozenset({"PaymentMethodRef", "TermRef", "CustomerTypeRef"})
_NAMELESS_IN = {"Payment": frozenset({"DepositToAccountRef"}), "Customer": frozenset({"SalesTermRef"})}
# Items that every company has without a row in its list.
_BUILT_IN = frozenset({"SHIPPING_ITEM_ID", "GRATUITY_ITEM_ID"})


def complete(books: Books, entity: str, body: Document, *, before: Document | None, refuse_inactive: bool) -> None:
    """Check every reference of an object that is about to be saved, and write its target's name into it.

    Raises BusinessFault 2500 for an object that does not exist, and (with `refuse_inactive`) 610 for one that is
    inactive and was not referred to before.
    """
    known = {(key, found["value"]) for key, found in _references(before or {})}
    nameless = _NAMELESS | _NAMELESS_IN.get(entity, frozenset())
    for key, found in _references(body):
        id = str(found.get("value", ""))
        target = target_of(entity, key, found)
        if target is None or id in _BUILT_IN:
            continue
        document = books.find(target, id)
        if document is None:
            if (key, id) in known:
                continue
            raise invalid_reference(element=key, value=id)
        if refuse_inactive and document.get("Active") is False and (key, id) not in known:
            raise made_inactive()
        if key not in nameless and key != "ParentRef":
            _rewrite(found, id=id, name=name_of(document))


def name_of(document: Document) -> str:
    """Return the name by which references call an object."""
    return str(document.get("FullyQualifiedName") or document.get("DisplayName") or document.get("Name", ""))


def propagate_rename(books: Books, entity: str, *, before: Document, after: Document) -> None:
    """Write an object's new name to every reference to it, which does not count as an edit of those objects."""
    old, new = name_of(before), name_of(after)
    if old == new:
        return
    wanted = encode({"value": after["Id"], "name": old}).decode().rstrip("}")

    def rename(key: str, found: Document, owner: str) -> bool:
        if found.get("value") != after["Id"] or target_of(owner, key, found) != entity or "name" not in found:
            return False
        found["name"] = new
        return True

    rewrite_matching(books, wanted, change=rename)


def rewrite_matching(books: Books, text: str, *, change: Callable[[str, Document, str], bool]) -> None:
    """Apply `change` (of the reference's key, the reference and the object's entity) to objects with `text` in them."""
    rows = books.connection.execute(
        "SELECT entity, body FROM objects WHERE realm = ? AND deleted = 0 AND instr(body, ?)", (books.realm, text)
    ).fetchall()
    for row in rows:
        document = decode(row["body"])
        changes = [change(key, found, row["entity"]) for key, found in _references(document)]
        if any(changes):
            books.update_reference_name(row["entity"], document)


def target_of(entity: str, key: str, found: Document) -> str | None:
    """Return the object that a reference in an object of `entity` points to, or None if it is kept as sent."""
    if key == "ParentRef":
        return entity
    if key in ("EntityRef", "Entity"):
        # A payee or a journal line's name says itself what it is.
        kind = str(found.get("type", "")).capitalize()
        return kind if kind in ("Customer", "Vendor", "Employee") else None
    return TARGETS.get(key)


def _rewrite(found: Document, *, id: str, name: str) -> None:
    """Put value and name first, as QuickBooks does."""
    rest = {key: value for key, value in found.items() if key not in ("value", "name")}
    found.clear()
    found.update({"value": id, "name": name, **rest})


def _references(document: Document) -> Iterator[tuple[str, Document]]:
    """Every reference in an object, with its key, however deep it is. What links transactions is none."""
    for key, value in document.items():
        if key == "Entity" and isinstance(value, dict) and "Type" in value:
            # A line of a journal entry says outside of the reference what it points to.
            yield f"{value['Type']}Ref", value.get("EntityRef", {})
        elif isinstance(value, dict):
            if "value" in value and (key.endswith("Ref") or key == "Entity"):
                yield key, value
            else:
                yield from _references(value)
        elif isinstance(value, list) and key not in ("LinkedTxn", "AttachableRef", "CustomField"):
            for one in value:
                if isinstance(one, dict):
                    yield from _references(one)


def require_account(books: Books, body: Document, key: str, *, types: tuple[str, ...]) -> None:
    """Raise BusinessFault 6430 if a reference points to an account of another type than `types`."""
    account = books.find("Account", reference_id(body, key))
    if account is not None and account["AccountType"] not in types:
        raise wrong_account_type(element=key, detail=f"{account['AccountType']} for {key}")
