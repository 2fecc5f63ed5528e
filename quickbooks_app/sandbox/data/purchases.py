"""What the main sample company buys, plans and moves: bills, orders, checks, deposits, estimates and times."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from quickbooks_app.sandbox.accounting import writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.data import catalogue
from quickbooks_app.sandbox.data.history import UNRESTRICTED, History
from quickbooks_app.sandbox.data.history import line as sales_line
from quickbooks_app.sandbox.runtime.documents import Document

Payload = Document | Callable[[Books], Document]

# Days ago, vendor, lines (account or item, amount or quantity and unit price), and days until it is paid: 0 is not yet.
_BILLS: tuple[tuple[int, str, tuple[tuple[str, ...], ...], int], ...] = (
    (150, "Altura Green Coffee Imports", (("item", catalogue.BLEND, "400", "28.10"),), 29),
    (121, "Altura Green Coffee Imports", (("item", catalogue.GUJI, "160", "41.50"),), 31),
    (118, "Cascade Packaging", (("item", catalogue.CUPS, "90", "26.00"), ("account", "15", "84.50")), 30),
    (96, "Water Avenue Properties", (("account", "17", "4200"),), 2),
    (90, "Columbia Power & Light", (("account", "76", "612.47"), ("account", "77", "148.20")), 15),
    (84, "Milano Espresso Parts", (("item", catalogue.GRINDER, "3", "1390"), ("account", "75", "220.75")), 58),
    (66, "Water Avenue Properties", (("account", "17", "4200"),), 1),
    (61, "Altura Green Coffee Imports", (("item", catalogue.DECAF, "120", "35.20"),), 30),
    (59, "Two Rivers Freight", (("account", "9", "733.10"),), 14),
    (52, "Lindqvist & Marsh CPAs", (("account", "12", "1850"),), 0),
    (36, "Water Avenue Properties", (("account", "17", "4200"),), 3),
    (33, "Columbia Power & Light", (("account", "76", "655.02"), ("account", "77", "151.88")), 14),
    (27, "Altura Green Coffee Imports", (("item", catalogue.BLEND, "520", "28.60"),), 0),
    (22, "Milano Espresso Parts", (("item", catalogue.MACHINE, "1", "6900"),), 0),
    (15, "Night Owl", (("account", "7", "480"),), 0),
    (9, "Two Rivers Freight", (("account", "9", "691.40"),), 0),
    (5, "Cascade Packaging", (("item", catalogue.CUPS, "60", "26.40"),), 0),
)
# Days ago, kind of payment, account it comes from, account of the line, amount, and to whom.
_PURCHASES = (
    (110, "Check", "35", "11", "1140", "Bridgeport Insurance"),
    (74, "CreditCard", "41", "15", "238.15", ""),
    (58, "CreditCard", "41", "60", "71.30", ""),
    (41, "Cash", "35", "8", "32", ""),
    (30, "CreditCard", "41", "7", "415.99", ""),
    (12, "Check", "35", "75", "350", "Milano Espresso Parts"),
)


def schedule_purchases(history: History, ids: dict[str, str]) -> None:
    """Schedule everything that is neither an invoice nor a payment by a customer."""
    plan = _Plan(history, ids)
    for number, (days, vendor, lines, wait) in enumerate(_BILLS):
        plan.bill(f"bill {number}", days, vendor, lines)
        if wait:
            plan.pay_bill(f"bill {number}", days - wait, vendor, by_card=number % 5 == 4)
    for days, kind, paid_from, account, amount, payee in _PURCHASES:
        plan.purchase(days, kind, paid_from, account, amount, payee)
    plan.orders()
    plan.sales()
    plan.bank()
    plan.entries()


class _Plan:
    """Schedules transactions, whose ids later ones refer to by key."""

    def __init__(self, history: History, ids: dict[str, str]) -> None:
        self.history = history
        self.ids = ids

    def add(self, key: str, days_ago: int, entity: str, payload: Payload) -> None:
        def action(books: Books) -> None:
            body = payload(books) if callable(payload) else payload
            self.ids[key] = writing.create(books, entity=entity, payload=body, rules=UNRESTRICTED)["Id"]

        self.history.schedule(days_ago, action)

    def bill(self, key: str, days_ago: int, vendor: str, lines: tuple[tuple[str, ...], ...]) -> None:
        body = {"DocNumber": f"V-{2000 + days_ago}", "Line": [_line(*line) for line in lines]}
        self.add(key, days_ago, "Bill", {"VendorRef": _ref(self.ids[vendor]), **body})

    def pay_bill(self, key: str, days_ago: int, vendor: str, *, by_card: bool) -> None:
        def payload(books: Books) -> Document:
            bill = books.get("Bill", self.ids[key])
            link = {"TxnId": bill["Id"], "TxnType": "Bill"}
            return {
                "VendorRef": _ref(self.ids[vendor]),
                "PayType": "CreditCard" if by_card else "Check",
                "TotalAmt": bill["Balance"],
                "Line": [{"Amount": bill["Balance"], "LinkedTxn": [link]}],
            }

        self.add(f"{key} paid", days_ago, "BillPayment", payload)

    def purchase(self, days: int, kind: str, paid_from: str, account: str, amount: str, payee: str) -> None:
        body: Document = {
            "PaymentType": kind,
            "AccountRef": _ref(paid_from),
            "Line": [_line("account", account, amount)],
        }
        if payee:
            body["EntityRef"] = {"value": self.ids[payee], "type": "Vendor"}
        self.add(f"purchase {days}", days, "Purchase", body)

    def orders(self) -> None:
        """Two orders, one of them delivered and billed, and a credit for goods given back."""
        altura = {"VendorRef": _ref(self.ids["Altura Green Coffee Imports"])}
        beans = _line("item", catalogue.GUJI, "200", "41.80")
        self.add("order", 20, "PurchaseOrder", {**altura, "Line": [beans], "Memo": "Deliver to gate B"})
        self.add("open order", 6, "PurchaseOrder", {**altura, "Line": [_line("item", catalogue.DECAF, "80", "35.60")]})
        self.add("delivered", 11, "Bill", lambda _: {**altura, "Line": [{**beans, "LinkedTxn": [self.link("order")]}]})
        returned = _line("item", catalogue.BLEND, "12", "28.60")
        self.add("credit", 8, "VendorCredit", {**altura, "Line": [returned], "PrivateNote": "Water damage"})

    def sales(self) -> None:
        """Estimates in every state, a sale over the counter, and hours that a customer is to be billed for."""
        machine = sales_line(catalogue.MACHINE, quantity="1", price="11800")
        for key, days, customer, state in (
            ("estimate", 25, catalogue.JUNIPER, "Pending"),
            ("accepted", 18, catalogue.SUMMIT, "Accepted"),
            ("rejected", 45, catalogue.CEDAR, "Rejected"),
        ):
            self.add(key, days, "Estimate", {"CustomerRef": _ref(customer), "Line": [machine], "TxnStatus": state})
        counter = sales_line(catalogue.TASTING, quantity="2", price="36")
        self.add("counter sale", 3, "SalesReceipt", {"CustomerRef": _ref(catalogue.FERN), "Line": [counter]})
        work: Document = {"NameOf": "Employee", "EmployeeRef": _ref(self.ids["Anika"]), "HourlyRate": Decimal("120")}
        training = {"CustomerRef": _ref(catalogue.KESTREL), "ItemRef": _ref(catalogue.PROFILING)}
        self.add("hours", 7, "TimeActivity", {**work, **training, "Hours": 3, "BillableStatus": "Billable"})
        self.add("own hours", 6, "TimeActivity", {**work, "Hours": 5, "Minutes": 30})

    def bank(self) -> None:
        """Payments taken to the bank, money moved between accounts, and the credit card paid."""

        def deposit(books: Books) -> Document:
            oldest = [one for one in books.list_all("Payment") if one["TotalAmt"]][:2]
            links = [{"TxnId": one["Id"], "TxnType": "Payment", "TxnLineId": "0"} for one in oldest]
            lines = [{"Amount": one["TotalAmt"], "LinkedTxn": [link]} for one, link in zip(oldest, links, strict=True)]
            return {"DepositToAccountRef": _ref("35"), "Line": lines}

        self.add("deposit", 55, "Deposit", deposit)
        self.add("transfer", 40, "Transfer", {"FromAccountRef": _ref("35"), "ToAccountRef": _ref("36"), "Amount": 2500})
        card = {"BankAccountRef": _ref("35"), "CreditCardAccountRef": _ref("41"), "Amount": Decimal("309.45")}
        self.add("card", 28, "CreditCardPayment", card)

    def entries(self) -> None:
        """The owner's money, a lender's loan, broken stock, and what the company plans to spend."""
        for key, days, debit, credit, amount in (
            ("capital", 400, "35", "45", "60000"),
            ("loan", 300, "37", "43", "25000"),
            ("depreciation", 2, "75", "37", "410"),
        ):
            sides = (("Debit", debit), ("Credit", credit))
            lines = [_journal(side, account, amount) for side, account in sides]
            self.add(key, days, "JournalEntry", {"DocNumber": f"JE-{days}", "Line": lines})
        broken = {"ItemRef": _ref(catalogue.CUPS), "QtyDiff": -3}
        stock = {"DetailType": "ItemAdjustmentLineDetail", "ItemAdjustmentLineDetail": broken}
        self.add("broken", 16, "InventoryAdjustment", {"AdjustAccountRef": _ref("82"), "Line": [stock]})
        self.add("budget", 100, "Budget", _budget)

    def link(self, key: str) -> Document:
        return {"TxnId": self.ids[key], "TxnType": "PurchaseOrder"}


def _line(kind: str, id: str, *numbers: str) -> Document:
    detail: Document
    if kind == "account":
        key, detail, amount = "AccountBasedExpenseLineDetail", {"AccountRef": _ref(id)}, Decimal(numbers[0])
    else:
        quantity, price = Decimal(numbers[0]), Decimal(numbers[1])
        key, detail = "ItemBasedExpenseLineDetail", {"ItemRef": _ref(id), "Qty": quantity, "UnitPrice": price}
        amount = quantity * price
    return {"Amount": amount, "DetailType": key, key: detail}


def _journal(side: str, account: str, amount: str) -> Document:
    key = "JournalEntryLineDetail"
    return {"Amount": Decimal(amount), "DetailType": key, key: {"PostingType": side, "AccountRef": _ref(account)}}


def _budget(books: Books) -> Document:
    year = books.at.year
    rows = [("17", 4200), ("76", 640), ("7", 300)]
    details: list[dict[str, Any]] = [
        {"BudgetDate": f"{year}-{month:02}-01", "Amount": amount, "AccountRef": _ref(account)}
        for account, amount in rows
        for month in range(1, 13)
    ]
    span = {"StartDate": f"{year}-01-01", "EndDate": f"{year}-12-31"}
    return {"Name": f"Budget {year}", **span, "BudgetDetail": details}


def _ref(id: str) -> Document:
    return {"value": id}
