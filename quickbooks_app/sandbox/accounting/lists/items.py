"""Items: their types, and the accounts and quantities of those that are kept in stock."""

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.runtime.documents import Document, normalized, parse_number, reference_id
from quickbooks_app.sandbox.runtime.errors import invalid_enumeration, parameter_missing

TYPES = (
    "Assembly",
    "Category",
    "Discount",
    "Fixed Asset",
    "Group",
    "Inventory",
    "NonInventory",
    "Other Charge",
    "Payment",
    "Service",
    "Subtotal",
    "Tax",
    "Tax Group",
    "Bundle",
)
_ACCOUNTS = ("AssetAccountRef", "IncomeAccountRef", "ExpenseAccountRef")


def finish(books: Books, body: Document, *, before: Document | None) -> None:
    """Set type and stock. An item kept in stock needs its three accounts, a quantity and the day it was counted."""
    body.setdefault("Type", "Service")
    if body["Type"] not in TYPES:
        raise invalid_enumeration(element="Type", value=str(body["Type"]))
    for key, value in (("Taxable", False), ("PurchaseCost", 0), ("DeferredRevenue", False)):
        body.setdefault(key, value)
    if body["Type"] in ("Category", "Group"):
        body["TrackQtyOnHand"] = False
        return
    if before is not None and before.get("TrackQtyOnHand"):
        # What is kept in stock stays so; an edit that leaves the quantity out does not clear it.
        for key in ("QtyOnHand", "InvStartDate", *_ACCOUNTS):
            body.setdefault(key, before[key])
        body.update(Type="Inventory", TrackQtyOnHand=True)
    body["TrackQtyOnHand"] = bool(body.get("TrackQtyOnHand", False))
    if not body["TrackQtyOnHand"]:
        return
    for key in _ACCOUNTS:
        if not reference_id(body, key):
            raise parameter_missing(key)
    for key in ("QtyOnHand", "InvStartDate"):
        if body.get(key) is None:
            raise parameter_missing(key)
    body["QtyOnHand"] = normalized(parse_number(body["QtyOnHand"]))
    body["InvStartDate"] = str(body["InvStartDate"])[:10]
