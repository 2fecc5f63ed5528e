"""What the page for a new object begins with: a request that the books take, with this company's own ids."""

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.company import global_tax
from quickbooks_app.sandbox.ledger import accounts
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import Document, reference
from quickbooks_app.sandbox.runtime.entities import ENTITIES

_SALES = ("Invoice", "SalesReceipt", "Estimate", "CreditMemo", "RefundReceipt")
_PURCHASES = ("Bill", "VendorCredit", "PurchaseOrder")


def sample_of(books: Books, entity: str) -> Document:
    """Return a create request for an object. Of an object without one, the properties that it requires."""
    ids = {name: _first(books, name) for name in ("Customer", "Vendor", "Employee", "Item", "TaxCode")}
    tax = {"TaxCodeRef": {"value": ids["TaxCode"]}} if global_tax.applies(books) else {}
    customer, vendor = {"CustomerRef": {"value": ids["Customer"]}}, {"VendorRef": {"value": ids["Vendor"]}}
    expense = {"AccountRef": reference(accounts.UNCATEGORIZED_EXPENSE.id), **tax}
    bought = {"Amount": 100, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": expense}
    if entity in _SALES:
        item = {"ItemRef": {"value": ids["Item"]}, **tax}
        sold = {"Amount": 100, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": item}
        return {**customer, "Line": [sold]}
    if entity in _PURCHASES:
        return {**vendor, "Line": [bought]}
    bank, today = reference(accounts.CHECKING.id), clock.company_today(books.at).isoformat()
    samples: dict[str, Document] = {
        "Payment": {**customer, "TotalAmt": 100},
        "BillPayment": {**vendor, "TotalAmt": 100, "PayType": "Check", "CheckPayment": {"BankAccountRef": bank}},
        "Purchase": {"PaymentType": "Check", "AccountRef": bank, "Line": [bought]},
        "JournalEntry": {"Line": [_side("Debit", accounts.BAD_DEBTS), _side("Credit", accounts.CHECKING)]},
        "Deposit": {"DepositToAccountRef": bank, "Line": [_deposited()]},
        "Transfer": {"Amount": 100, "FromAccountRef": bank, "ToAccountRef": reference("36")},
        "CreditCardPayment": {
            "Amount": 100,
            "BankAccountRef": bank,
            "CreditCardAccountRef": reference(accounts.MASTERCARD.id),
        },
        "TimeActivity": {"NameOf": "Vendor", **vendor, "TxnDate": today, "Hours": 1},
        "Account": {"Name": "New account", "AccountType": "Expense"},
        "Item": {"Name": "New item", "Type": "Service", "IncomeAccountRef": reference(accounts.SERVICES.id)},
        "Term": {"Name": "Net 45", "DueDays": 45},
        **{name: {"DisplayName": f"New {name.lower()}"} for name in ("Customer", "Vendor", "Employee", "TaxAgency")},
        **{name: {"Name": f"New {name.lower()}"} for name in ("Class", "Department", "PaymentMethod", "JournalCode")},
    }
    return samples.get(entity) or dict.fromkeys(ENTITIES[entity].required, "")


def _first(books: Books, entity: str) -> str:
    """The first object of a list that can be sold or named: a bundle cannot."""
    for one in books.list_all(entity):
        if one.get("Active", True) and one.get("Type") not in ("Group", "Category"):
            return str(one["Id"])
    return ""


def _side(side: str, account: accounts.Account) -> Document:
    detail = {"PostingType": side, "AccountRef": reference(account.id, account.name)}
    return {"Amount": 100, "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}


def _deposited() -> Document:
    detail = {"AccountRef": reference(accounts.SERVICES.id, accounts.SERVICES.name)}
    return {"Amount": 100, "DetailType": "DepositLineDetail", "DepositLineDetail": detail}
