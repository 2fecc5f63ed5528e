"""What a company sells with: invoices and other sales forms, payments and charges for expenses."""

from quickbooks_app.sandbox.runtime.catalogue.row import row

_FORM = """
    ApplyTaxAfterDiscount BillAddr BillEmail BillEmailBcc BillEmailCc ClassRef CurrencyRef CustomField CustomerMemo
    DepartmentRef EmailStatus ExchangeRate FreeFormAddress GlobalTaxCalculation HomeTotalAmt Line! LinkedTxn PrintStatus
    PrivateNote RecurDataRef RecurringInfo ShipAddr ShipFromAddr TaxExemptionRef TransactionLocationType TxnSource
    TxnTaxDetail
"""
_SHIPPING = "ShipDate ShipMethodRef TrackingNum"

SALES = (
    row(
        "Invoice",
        "transaction",
        "CRUDVEQ",
        f"""{_FORM} {_SHIPPING} CustomerRef!? DocNumber+ TxnDate+ DueDate+ SalesTermRef? ProjectRef? Balance+ TotalAmt+
        ARAccountRef AllowIPNPayment AllowOnlineACHPayment AllowOnlineCreditCardPayment AllowOnlinePayPalPayment
        AllowOnlinePayment AutoPayEligible CfdiUse ConvenienceFeeDetail DeliveryInfo Deposit DepositToAccountRef
        ECloudStatusTimeStamp EInvoiceStatus FOB FinanceCharge GlobalInfo GovtTxnRefIdentifier GratuityEnabled
        HomeBalance InvoiceLink InvoiceLinkExpiryDate InvoiceLinkSecurityCode LessCIS PONumber PaymentMethodRef
        RemitToRef SalesRepRef SchedulePayEligible Tag TemplateRef TxnApprovalInfo TxnStatus callToAction invoiceStatus
        invoiceStatusLog""",
        counted=True,
    ),
    row(
        "SalesReceipt",
        "transaction",
        "CRUDVEQ",
        f"""{_FORM} {_SHIPPING} CustomerRef? DocNumber+ TxnDate+ TotalAmt+ Balance+ PaymentMethodRef? PaymentRefNum?
        DepositToAccountRef? ProjectRef CreditCardPayment DeliveryInfo HomeBalance PaymentType""",
    ),
    row(
        "Estimate",
        "transaction",
        "CRUDEQ",
        f"""{_FORM} {_SHIPPING} CustomerRef!? DocNumber+ TxnDate+ TotalAmt+ TxnStatus? ExpirationDate+ DueDate+
        ProjectRef? AcceptedBy AcceptedDate DeliveryInfo SalesTermRef""",
    ),
    row(
        "CreditMemo",
        "transaction",
        "CRUDEQ",
        f"""{_FORM} CustomerRef!? ProjectRef? TxnDate+ DocNumber+ Balance+ TotalAmt? DepositToAccountRef HomeBalance
        InvoiceRef PaymentMethodRef RemainingCredit SalesTermRef TxnStatus""",
    ),
    row(
        "RefundReceipt",
        "transaction",
        "CRUDEQ",
        f"""{_FORM} CustomerRef!? DocNumber+ TxnDate+ TotalAmt? Balance CheckPayment CreditCardPayment
        DepositToAccountRef HomeBalance PaymentMethodRef PaymentRefNum PaymentType ProjectRef""",
    ),
    row(
        "Payment",
        "transaction",
        "CRUDVEQ",
        """TotalAmt!? CustomerRef!? TxnDate+ PaymentMethodRef? PaymentRefNum? ARAccountRef CreditCardPayment CurrencyRef
        CustomField DepositToAccountRef ExchangeRate Line LinkedTxn PrivateNote ProcessPayment ProjectRef
        TaxExemptionRef TransactionLocationType TxnSource TxnStatus UnappliedAmt""",
    ),
    row(
        "ReimburseCharge",
        "transaction",
        "RQ",
        """CustomerRef? TxnDate+ Amount+ HasBeenInvoiced? CurrencyRef ExchangeRate HomeTotalAmt Line LinkedTxn
        PrivateNote""",
        changes=False,
        notified=False,
    ),
)
