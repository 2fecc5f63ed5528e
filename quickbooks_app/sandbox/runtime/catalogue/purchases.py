"""What a company buys with: bills and their payments, credits, checks and other purchases, and orders."""

from quickbooks_app.sandbox.runtime.catalogue.row import row

_FORM = """
    CurrencyRef CustomField DepartmentRef? ExchangeRate GlobalTaxCalculation HomeTotalAmt Line! LinkedTxn PrivateNote
    RecurDataRef RecurringInfo TransactionLocationType TxnSource TxnTaxDetail
"""

PURCHASES = (
    row(
        "Bill",
        "transaction",
        "CRUDQ",
        f"""{_FORM} VendorRef!? APAccountRef? TxnDate+ DueDate+ DocNumber+ SalesTermRef? Balance+ TotalAmt+
        AttachableRef HomeBalance IncludeInAnnualTPAR VendorAddr""",
        counted=True,
    ),
    row(
        "BillPayment",
        "transaction",
        "CRUDVQ",
        """VendorRef!? PayType!? TotalAmt!+ Line TxnDate+ DocNumber+ APAccountRef CheckPayment CreditCardPayment
        CurrencyRef DepartmentRef ExchangeRate PrivateNote ProcessBillPayment TransactionLocationType TxnSource""",
        counted=True,
    ),
    row(
        "VendorCredit",
        "transaction",
        "CRUDQ",
        f"""{_FORM} VendorRef!? APAccountRef? TxnDate+ DocNumber+ Balance+ TotalAmt+ AttachableRef HomeBalance
        IncludeInAnnualTPAR VendorAddr""",
    ),
    row(
        "Purchase",
        "transaction",
        "CRUDQ",
        f"""{_FORM} PaymentType!? AccountRef? DocNumber+ TxnDate+ TotalAmt+ Credit EntityRef? IncludeInAnnualTPAR
        PaymentMethodRef PrintStatus PurchaseEx RemitToAddr""",
    ),
    row(
        "PurchaseOrder",
        "transaction",
        "CRUDEQ",
        f"""{_FORM} VendorRef!? APAccountRef? TxnDate+ DueDate+ DocNumber+ TotalAmt+ POStatus? AttachableRef ClassRef
        EmailStatus Memo POEmail SalesTermRef ShipAddr ShipMethodRef ShipTo TaxCodeRef VendorAddr""",
        counted=True,
    ),
)
