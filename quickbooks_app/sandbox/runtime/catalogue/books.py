"""Entries in the books themselves: journal, bank, inventory and time."""

from quickbooks_app.sandbox.runtime.catalogue.row import row

_ENTRY = (
    "CurrencyRef ExchangeRate HomeTotalAmt PrivateNote RecurDataRef RecurringInfo TransactionLocationType TxnSource"
)

BOOKS = (
    row(
        "JournalEntry",
        "transaction",
        "CRUDQ",
        f"""{_ENTRY} Line! DocNumber+ TxnDate+ TotalAmt? Adjustment GlobalTaxCalculation JournalCodeRef TaxRateRef
        TxnTaxDetail""",
        counted=True,
    ),
    row(
        "Deposit",
        "transaction",
        "CRUDQ",
        f"""{_ENTRY} Line! DocNumber? TxnDate+ TotalAmt? DepositToAccountRef? AttachableRef CashBack DepartmentRef
        GlobalTaxCalculation TxnStatus TxnTaxDetail""",
        counted=True,
    ),
    row("Transfer", "transaction", "CRUDQ", f"{_ENTRY} Amount!? FromAccountRef!? ToAccountRef!? TxnDate+"),
    row(
        "CreditCardPayment",
        "transaction",
        "CRUDQ",
        """Amount!+ BankAccountRef!? CreditCardAccountRef!? TxnDate+ VendorRef? CheckNum CurrencyRef Memo PrintStatus
        PrivateNote""",
        key="CreditCardPaymentTxn",
        counted=True,
        notified=False,
    ),
    row(
        "InventoryAdjustment",
        "transaction",
        "CRUDQ",
        "AdjustAccountRef!? Line! DocNumber+ TxnDate+ CustomerRef DepartmentRef PrivateNote",
        notified=False,
    ),
    row(
        "TimeActivity",
        "transaction",
        "CRUDQ",
        """NameOf!? TxnDate+ EmployeeRef? VendorRef? CustomerRef? ItemRef? BillableStatus? AttachableRef BreakHours
        BreakMinutes ClassRef CostRate DepartmentRef Description EndTime HourlyRate Hours Minutes PayrollItemRef
        ProjectRef StartTime Taxable TransactionLocationType""",
    ),
    row(
        "RecurringTransaction",
        "record",
        "CRDQ",
        """Bill CreditMemo Deposit Estimate Invoice JournalEntry Purchase PurchaseOrder RefundReceipt SalesReceipt
        Transfer VendorCredit""",
        changes=False,
        notified=False,
    ),
)
