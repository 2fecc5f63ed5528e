"""The table of QuickBooks' objects: name, address, what each can do, and where it exists. One row an object.

The source is section "Objects" of docs/domain/quickbooks.md; a test compares the table with it. A further object is a
further row: the client, the pulls and the pages of staff need no new code.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from quickbooks_app.objects.editions import Level

Kind = Literal["transaction", "name list", "other"]


class Operation(StrEnum):
    """What can be done with an object, or asked of a company."""

    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    DELETE = "delete"
    INACTIVATE = "inactivate"
    VOID = "void"
    SEND = "send"
    PDF = "pdf"
    QUERY = "query"
    COUNT = "count"
    REPORT = "report"
    CHANGES = "changes"
    BATCH = "batch"
    UPLOAD = "upload"
    DOWNLOAD = "download"


LETTERS: dict[str, tuple[Operation, ...]] = {
    "C": (Operation.CREATE,),
    "R": (Operation.READ,),
    "U": (Operation.UPDATE,),
    "D": (Operation.DELETE,),
    "S": (Operation.INACTIVATE, Operation.UPDATE),
    "V": (Operation.VOID,),
    "E": (Operation.SEND, Operation.PDF),
    "Q": (Operation.QUERY, Operation.COUNT),
    "T": (Operation.REPORT,),
    "F": (Operation.UPLOAD, Operation.DOWNLOAD),
}
WRITES = frozenset(
    {
        Operation.CREATE,
        Operation.UPDATE,
        Operation.DELETE,
        Operation.INACTIVATE,
        Operation.VOID,
        Operation.SEND,
        Operation.UPLOAD,
    }
)
# "Data out" in Intuit's price list. A batch counts if it holds a query, which its request says.
METERED = frozenset(
    {Operation.READ, Operation.QUERY, Operation.COUNT, Operation.REPORT, Operation.CHANGES, Operation.PDF}
)


@dataclass(frozen=True, slots=True)
class QuickBooksObject:
    """One object. `letters` say what it can do (LETTERS). `url` is the last part of its address."""

    name: str
    letters: str
    kind: Kind = "transaction"
    url: str = ""
    key: str = ""  # of the object in JSON, where that is not the name
    level: Level = Level.SIMPLE_START  # the lowest edition that has it
    countries: frozenset[str] = frozenset()  # empty: everywhere
    in_changes: bool = True  # change data capture reports it
    has_active: bool = False  # queries leave out inactive ones unless they ask for them
    note: str = ""  # why there is nothing to call

    @property
    def operations(self) -> frozenset[Operation]:
        return frozenset(one for letter in self.letters.split() for one in LETTERS[letter])

    @property
    def address(self) -> str:
        return self.url or self.name.lower()

    @property
    def json_key(self) -> str:
        return self.key or self.name

    def can(self, operation: Operation) -> bool:
        return self.in_changes if operation == Operation.CHANGES else operation in self.operations

    @property
    def can_be_pulled(self) -> bool:
        """Whether all of its objects can be read page by page and stored by their ids."""
        return self.can(Operation.QUERY) and self.name not in _WITHOUT_OWN_ID


# ExchangeRate has no Id, a RecurringTransaction keeps it inside; the others are one object a company.
_WITHOUT_OWN_ID = frozenset({"ExchangeRate", "RecurringTransaction", "CompanyInfo", "Preferences"})
_FRANCE, _TAX_PAYMENT = frozenset({"FR"}), frozenset({"AU", "GB", "UK", "CA"})


def _list(name: str, letters: str = "C R U S Q", *, level: Level = Level.SIMPLE_START) -> QuickBooksObject:
    return QuickBooksObject(name, letters, "name list", level=level, has_active=True)


def _transaction(name: str, letters: str, *, level: Level = Level.SIMPLE_START, key: str = "") -> QuickBooksObject:
    return QuickBooksObject(name, letters, level=level, key=key)


def _tax(name: str, letters: str, *, has_active: bool = False) -> QuickBooksObject:
    """Change data capture does not know the objects of taxes."""
    return QuickBooksObject(name, letters, "name list", in_changes=False, has_active=has_active)


def _other(name: str, letters: str, *, url: str = "", note: str = "", in_changes: bool = False) -> QuickBooksObject:
    return QuickBooksObject(name, letters, "other", url=url, in_changes=in_changes, note=note)


ROWS = (
    _list("Account"),
    _other("Attachable", "C R U D Q F", in_changes=True),
    _transaction("Bill", "C R U D Q", level=Level.ESSENTIALS),
    _transaction("BillPayment", "C R U D V Q", level=Level.ESSENTIALS),
    QuickBooksObject("Budget", "C R U D Q", "other", level=Level.PLUS, has_active=True),
    _list("Class", level=Level.PLUS),
    _other("Company", "", note="QuickBooks has no object Company: CompanyInfo is the one to ask for."),
    _list("CompanyCurrency", level=Level.ESSENTIALS),
    _other("CompanyInfo", "R U Q"),
    _transaction("CreditCardPayment", "C R U D Q", key="CreditCardPaymentTxn"),
    _transaction("CreditMemo", "C R U D E Q"),
    _list("Customer"),
    QuickBooksObject("CustomerType", "R Q", "name list", has_active=True),
    _list("Department", level=Level.PLUS),
    _transaction("Deposit", "C R U D Q"),
    _list("Employee"),
    _other("Entitlements", "R"),
    _transaction("Estimate", "C R U D E Q"),
    _other("ExchangeRate", "R U Q"),
    _transaction("InventoryAdjustment", "C R U D Q", level=Level.PLUS),
    _transaction("Invoice", "C R U D V E Q"),
    _list("Item"),
    QuickBooksObject("JournalCode", "C R U S Q", "name list", countries=_FRANCE, in_changes=False),
    _transaction("JournalEntry", "C R U D Q"),
    _transaction("Payment", "C R U D V E Q"),
    _list("PaymentMethod"),
    _other("Preferences", "R U Q"),
    _transaction("Purchase", "C R U D Q"),
    _transaction("PurchaseOrder", "C R U D E Q", level=Level.PLUS),
    QuickBooksObject("RecurringTransaction", "C R D Q", in_changes=False),
    _transaction("RefundReceipt", "C R U D E Q"),
    QuickBooksObject("ReimburseCharge", "R Q", in_changes=False),
    _transaction("SalesReceipt", "C R U D V E Q"),
    _tax("TaxAgency", "C R Q"),
    _tax("TaxClassification", "R"),
    _tax("TaxCode", "R Q", has_active=True),
    QuickBooksObject("TaxPayment", "R Q", "other", countries=_TAX_PAYMENT, in_changes=False),
    _tax("TaxRate", "R Q", has_active=True),
    _other("TaxReturn", "", note="QuickBooks' API has no object TaxReturn any more."),
    _other("TaxService", "C", url="taxservice/taxcode"),
    _list("Term"),
    _transaction("TimeActivity", "C R U D Q", level=Level.ESSENTIALS),
    _transaction("Transfer", "C R U D Q"),
    _other("TrialBalance", "T", url="reports/TrialBalance"),
    _list("Vendor"),
    _transaction("VendorCredit", "C R U D Q", level=Level.ESSENTIALS),
)
OBJECTS = {row.name: row for row in ROWS}
BY_LOWER_NAME = {row.name.lower(): row for row in ROWS}

# The four that become invoices, buyers and payments here. Customers first, because the others refer to them.
IMPORTED = ("Customer", "Invoice", "Payment", "CreditMemo")
# What lowers the debt of a customer that its lines name, and lies on no invoice: only the customer's balance shows it.
ON_RECEIVABLES = ("JournalEntry", "Deposit")
