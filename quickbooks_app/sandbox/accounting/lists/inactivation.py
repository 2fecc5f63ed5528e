"""What becomes of an object of a list that is made inactive, and what may not be."""

from decimal import Decimal

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.lists import accounts, item_changes
from quickbooks_app.sandbox.ledger.accounts import PAYABLE, PROFIT_AND_LOSS, RECEIVABLE, SYSTEM_ACCOUNTS
from quickbooks_app.sandbox.runtime.documents import Document, amount_of, reference_id
from quickbooks_app.sandbox.runtime.errors import business_rule, open_balance, unbilled_charges

_SYSTEM = frozenset(account.id for account in SYSTEM_ACCOUNTS)
_ITEM_ACCOUNTS = ("IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef")


def require_ending(books: Books, entity: str, document: Document, *, refuse_balance: bool) -> None:
    """Raise BusinessFault if an object must stay active.

    6220 for an open balance (with `refuse_balance`: a person may make it inactive all the same, the API may not), 6280
    for charges that a customer has not been billed, 6000 for what the books need.
    """
    if entity == "Account":
        _require_free_account(books, document)
        accounts.refresh_balances(books)
        document = books.get(entity, document["Id"])
        if document["AccountType"] in PROFIT_AND_LOSS:
            return
    balance = "CurrentBalance" if entity == "Account" else "Balance"
    if refuse_balance and amount_of(document, balance):
        raise open_balance(entity.lower())
    if entity == "Customer" and any(
        not charge.get("HasBeenInvoiced") for charge in books.list_of_customer("ReimburseCharge", document["Id"])
    ):
        raise unbilled_charges()
    if entity == "Item":
        _require_free_item(books, document)


def take_off_stock(books: Books, item: Document) -> None:
    """Correct the quantity of an item that has become inactive to nothing, as QuickBooks does."""
    if item.get("TrackQtyOnHand"):
        item_changes.adjust_quantity(books, item, wanted=Decimal(0))


def _require_free_account(books: Books, account: Document) -> None:
    id = account["Id"]
    if id in _SYSTEM or account["AccountType"] in (RECEIVABLE, PAYABLE):
        raise business_rule("You can't make this account inactive because QuickBooks uses it.")
    if any(child.get("Active", True) for child in books.children_of("Account", id)):
        raise business_rule("You can't make this account inactive because it has subaccounts.")
    for item in books.list_all("Item"):
        if item.get("Active", True) and id in (reference_id(item, key) for key in _ITEM_ACCOUNTS):
            raise business_rule("You can't make this account inactive because a product or service uses it.")


def _require_free_item(books: Books, item: Document) -> None:
    for bundle in books.list_all("Item"):
        parts = (bundle.get("ItemGroupDetail") or {}).get("ItemGroupLine", [])
        if bundle.get("Active", True) and any(reference_id(part, "ItemRef") == item["Id"] for part in parts):
            raise business_rule("You can't make this item inactive because a bundle has it.")
