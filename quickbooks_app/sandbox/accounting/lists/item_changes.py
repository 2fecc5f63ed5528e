"""What an edit of an item does to the past: its accounts in old lines, and its quantity by a correction of stock."""

from decimal import Decimal
from typing import Any

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.relations import references
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import Document, decode, encode, normalized, reference, reference_id

# The item's account that a line of each kind posts to.
_LINE_ACCOUNTS = {
    "SalesItemLineDetail": ("IncomeAccountRef",),
    "ItemBasedExpenseLineDetail": ("AssetAccountRef", "ExpenseAccountRef"),
}
SHRINKAGE = "82"


def rewrite_accounts(books: Books, *, before: Document, after: Document) -> None:
    """Move what was bought and sold before to the item's new accounts, unless a client asked to leave it."""
    moved = {
        (detail, reference_id(before, key)): reference_id(after, key)
        for detail, keys in _LINE_ACCOUNTS.items()
        for key in keys
        if reference_id(before, key) and reference_id(after, key) not in ("", reference_id(before, key))
    }
    if not moved:
        return
    text = encode({"ItemRef": {"value": after["Id"]}}).decode()[1:-2]
    rows = books.connection.execute(
        "SELECT entity, body FROM objects WHERE realm = ? AND deleted = 0 AND instr(body, ?)", (books.realm, text)
    ).fetchall()
    for row in rows:
        document = decode(row["body"])
        if _rewrite(books, document, item=after["Id"], moved=moved):
            books.update_reference_name(row["entity"], document)


def adjust_quantity(books: Books, item: Document, *, wanted: Decimal) -> None:
    """Correct an item's quantity by a transaction of today, as QuickBooks does when an edit of an item sends it."""
    difference = wanted - Decimal(item["QtyOnHand"])
    if not difference:
        return
    detail = {"ItemRef": reference(item["Id"], item["FullyQualifiedName"]), "QtyDiff": normalized(difference)}
    key = "ItemAdjustmentLineDetail"
    account = books.find("Account", SHRINKAGE)
    id = SHRINKAGE if account else reference_id(item, "ExpenseAccountRef")
    books.insert(
        "InventoryAdjustment",
        {
            "TxnDate": clock.company_today(books.at).isoformat(),
            "AdjustAccountRef": reference(id, references.name_of(account) if account else None),
            "Line": [{"Id": "1", "DetailType": key, key: detail}],
        },
    )


def _rewrite(books: Books, part: Any, *, item: str, moved: dict[tuple[str, str], str]) -> bool:
    if isinstance(part, list):
        changes = [_rewrite(books, one, item=item, moved=moved) for one in part]
        return any(changes)
    if not isinstance(part, dict):
        return False
    changed = False
    for key, value in part.items():
        if key in _LINE_ACCOUNTS and isinstance(value, dict) and reference_id(value, "ItemRef") == item:
            new = moved.get((key, reference_id(value, "ItemAccountRef")))
            if new:
                value["ItemAccountRef"] = reference(new, references.name_of(books.get("Account", new)))
                changed = True
        else:
            changed = _rewrite(books, value, item=item, moved=moved) or changed
    return changed
