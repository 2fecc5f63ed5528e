"""The smallest create request of every object that the API can create, on the seeded main company."""

from typing import Any

Body = dict[str, Any]

VENDOR, EMPLOYEE, STOCK_ITEM = "$Vendor", "$Employee", "$Item"


def ref(value: str, **more: str) -> Body:
    return {"value": value, **more}


def by_account(amount: float, account: str = "11", **detail: Any) -> Body:
    key = "AccountBasedExpenseLineDetail"
    return {"Amount": amount, "DetailType": key, key: {"AccountRef": ref(account), **detail}}


def by_item(amount: float, item: str, **detail: Any) -> Body:
    key = "ItemBasedExpenseLineDetail"
    return {"Amount": amount, "DetailType": key, key: {"ItemRef": ref(item), **detail}}


def sold(amount: float, item: str = "5", **detail: Any) -> Body:
    key = "SalesItemLineDetail"
    return {"Amount": amount, "DetailType": key, key: {"ItemRef": ref(item), **detail}}


def journal(side: str, account: str, amount: float = 60, **detail: Any) -> Body:
    key = "JournalEntryLineDetail"
    return {"Amount": amount, "DetailType": key, key: {"PostingType": side, "AccountRef": ref(account), **detail}}


SALE: Body = {"CustomerRef": ref("1"), "Line": [sold(100)]}
PURCHASE: Body = {"VendorRef": ref(VENDOR), "Line": [by_account(80)]}
STOCK: Body = {
    "Name": "Sample grinder",
    "Type": "Inventory",
    "TrackQtyOnHand": True,
    "QtyOnHand": 10,
    "InvStartDate": "2026-01-01",
    "AssetAccountRef": ref("81"),
    "IncomeAccountRef": ref("79"),
    "ExpenseAccountRef": ref("80"),
    "PurchaseCost": 4,
}

# In an order in which each finds what it refers to. "$Vendor" is the id of the vendor created here.
BODIES: dict[str, Body] = {
    "Vendor": {"DisplayName": "Sample Supplies"},
    "Employee": {"GivenName": "Mara", "FamilyName": "Sample"},
    "Customer": {"DisplayName": "Sample Customer"},
    "Item": STOCK,
    "Account": {"Name": "Sample expenses", "AccountType": "Expense"},
    "Class": {"Name": "Sample class"},
    "Department": {"Name": "Sample department"},
    "Term": {"Name": "Sample term", "DueDays": 21},
    "PaymentMethod": {"Name": "Sample method"},
    "CompanyCurrency": {"Code": "CAD"},
    "TaxAgency": {"DisplayName": "Sample agency"},
    "Budget": {
        "Name": "Sample budget",
        "StartDate": "2027-01-01",
        "EndDate": "2027-12-31",
        "BudgetDetail": [{"BudgetDate": "2027-01-01", "Amount": 50, "AccountRef": ref("11")}],
    },
    "Attachable": {"Note": "Sample note", "AttachableRef": [{"EntityRef": ref("1", type="Customer")}]},
    "Invoice": SALE,
    "SalesReceipt": SALE,
    "Estimate": SALE,
    "CreditMemo": SALE,
    "RefundReceipt": SALE,
    "Payment": {"CustomerRef": ref("1"), "TotalAmt": 20},
    "Bill": PURCHASE,
    "VendorCredit": PURCHASE,
    "PurchaseOrder": PURCHASE,
    "BillPayment": {"VendorRef": ref(VENDOR), "PayType": "Check", "TotalAmt": 15},
    "Purchase": {"PaymentType": "Check", "AccountRef": ref("35"), "Line": [by_account(30)]},
    "JournalEntry": {"Line": [journal("Debit", "11"), journal("Credit", "44")]},
    "Deposit": {
        "DepositToAccountRef": ref("35"),
        "Line": [{"Amount": 9, "DetailType": "DepositLineDetail", "DepositLineDetail": {"AccountRef": ref("25")}}],
    },
    "Transfer": {"FromAccountRef": ref("35"), "ToAccountRef": ref("36"), "Amount": 70},
    "CreditCardPayment": {"BankAccountRef": ref("35"), "CreditCardAccountRef": ref("41"), "Amount": 25},
    "TimeActivity": {"NameOf": "Employee", "EmployeeRef": ref(EMPLOYEE), "Hours": 2, "Minutes": 30},
    "InventoryAdjustment": {
        "AdjustAccountRef": ref("82"),
        "Line": [
            {
                "DetailType": "ItemAdjustmentLineDetail",
                "ItemAdjustmentLineDetail": {"ItemRef": ref(STOCK_ITEM), "QtyDiff": -1},
            }
        ],
    },
}


def filled(body: Any, ids: dict[str, str]) -> Any:
    """Return a request with the placeholders replaced by the ids of what was created before."""
    if isinstance(body, dict):
        return {key: filled(value, ids) for key, value in body.items()}
    if isinstance(body, list):
        return [filled(one, ids) for one in body]
    return ids[body[1:]] if isinstance(body, str) and body.startswith("$") else body
