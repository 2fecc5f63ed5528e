"""Every property of each entity, from Intuit's reference. Others are refused with fault 2010."""

_TEXT = {
    "Invoice": """
        ARAccountRef AllowIPNPayment AllowOnlineACHPayment AllowOnlineCreditCardPayment AllowOnlinePayPalPayment
        AllowOnlinePayment ApplyTaxAfterDiscount AutoPayEligible Balance BillAddr BillEmail BillEmailBcc BillEmailCc
        CfdiUse ClassRef ConvenienceFeeDetail CurrencyRef CustomField CustomerMemo CustomerRef DeliveryInfo
        DepartmentRef Deposit DepositToAccountRef DocNumber DueDate ECloudStatusTimeStamp EInvoiceStatus EmailStatus
        ExchangeRate FOB FinanceCharge FreeFormAddress GlobalInfo GlobalTaxCalculation GovtTxnRefIdentifier
        GratuityEnabled HomeBalance HomeTotalAmt Id InvoiceLink InvoiceLinkExpiryDate InvoiceLinkSecurityCode
        LessCIS Line LinkedTxn MetaData PONumber PaymentMethodRef PrintStatus PrivateNote ProjectRef RecurDataRef
        RecurringInfo RemitToRef SalesRepRef SalesTermRef SchedulePayEligible ShipAddr ShipDate ShipFromAddr
        ShipMethodRef SyncToken Tag TaxExemptionRef TemplateRef TotalAmt TrackingNum TransactionLocationType
        TxnApprovalInfo TxnDate TxnSource TxnStatus TxnTaxDetail callToAction domain invoiceStatus invoiceStatusLog
        sparse status time
    """,
    "Payment": """
        ARAccountRef CreditCardPayment CurrencyRef CustomField CustomerRef DepositToAccountRef ExchangeRate Id Line
        LinkedTxn MetaData PaymentMethodRef PaymentRefNum PrivateNote ProcessPayment ProjectRef SyncToken
        TaxExemptionRef TotalAmt TransactionLocationType TxnDate TxnSource TxnStatus UnappliedAmt domain sparse
        status time
    """,
    "CreditMemo": """
        ApplyTaxAfterDiscount Balance BillAddr BillEmail BillEmailBcc BillEmailCc ClassRef CurrencyRef CustomField
        CustomerMemo CustomerRef DepartmentRef DepositToAccountRef DocNumber EmailStatus ExchangeRate
        FreeFormAddress GlobalTaxCalculation HomeBalance HomeTotalAmt Id InvoiceRef Line LinkedTxn MetaData
        PaymentMethodRef PrintStatus PrivateNote ProjectRef RecurDataRef RemainingCredit SalesTermRef ShipAddr
        ShipFromAddr SyncToken TaxExemptionRef TotalAmt TransactionLocationType TxnDate TxnSource TxnStatus
        TxnTaxDetail domain sparse status time
    """,
    "RefundReceipt": """
        ApplyTaxAfterDiscount Balance BillAddr BillEmail CheckPayment ClassRef CreditCardPayment CurrencyRef
        CustomField CustomerMemo CustomerRef DepartmentRef DepositToAccountRef DocNumber EmailStatus ExchangeRate
        FreeFormAddress GlobalTaxCalculation HomeBalance HomeTotalAmt Id Line LinkedTxn MetaData PaymentMethodRef
        PaymentRefNum PaymentType PrintStatus PrivateNote ProjectRef RecurDataRef ShipAddr ShipFromAddr SyncToken
        TaxExemptionRef TotalAmt TransactionLocationType TxnDate TxnSource TxnTaxDetail domain sparse status time
    """,
    "JournalEntry": """
        Adjustment CurrencyRef DocNumber ExchangeRate GlobalTaxCalculation HomeTotalAmt Id JournalCodeRef Line MetaData
        PrivateNote RecurDataRef SyncToken TaxRateRef TotalAmt TransactionLocationType TxnDate TxnSource TxnTaxDetail
        domain sparse status time
    """,
    "Deposit": """
        CashBack CurrencyRef DepartmentRef DepositToAccountRef DocNumber ExchangeRate GlobalTaxCalculation HomeTotalAmt
        Id Line MetaData PrivateNote RecurDataRef SyncToken TotalAmt TransactionLocationType TxnDate TxnSource
        TxnStatus TxnTaxDetail domain sparse status time
    """,
    "Purchase": """
        AccountRef Credit CurrencyRef DepartmentRef DocNumber EntityRef ExchangeRate GlobalTaxCalculation Id
        IncludeInAnnualTPAR Line LinkedTxn MetaData PaymentMethodRef PaymentType PrintStatus PrivateNote RecurDataRef
        RemitToAddr SyncToken TotalAmt TransactionLocationType TxnDate TxnSource TxnTaxDetail domain sparse status time
    """,
    "Customer": """
        ARAccountRef AcctNum Active AlternatePhone Balance BalanceWithJobs BillAddr BillWithParent BusinessNumber
        ClientEntityId CompanyName CurrencyRef CustomField CustomerTypeRef DefaultTaxCodeRef DisplayName FamilyName
        Fax FullyQualifiedName GSTIN GSTRegistrationType GivenName Id IsProject Job Level MetaData MiddleName Mobile
        Notes OpenBalanceDate ParentRef PaymentMethodRef PreferredDeliveryMethod PrimaryEmailAddr PrimaryPhone
        PrimaryTaxIdentifier PrintOnCheckName ResaleNum SalesTermRef SecondaryTaxIdentifier ShipAddr Source Suffix
        SyncToken TaxExemptionReasonId Taxable Title V4IDPseudonym WebAddr domain sparse status time
    """,
    "Item": """
        AbatementRate Active AssetAccountRef ClassRef CustomField Description ExpenseAccountRef FullyQualifiedName
        Id IncomeAccountRef InvStartDate ItemCategoryType ItemGroupDetail Level MetaData Name ParentRef
        PrefVendorRef PrintGroupedItems PurchaseCost PurchaseDesc PurchaseTaxCodeRef PurchaseTaxIncluded QtyOnHand
        ReorderPoint ReverseChargeRate SalesTaxCodeRef SalesTaxIncluded ServiceType Sku Source SubItem SyncToken
        TaxClassificationRef Taxable TrackQtyOnHand Type UQCDisplayText UQCId UnitPrice domain sparse status time
    """,
    "Attachable": """
        AttachableRef Category ContentType FileAccessUri FileName Id Lat Long MetaData Note PlaceName Size SyncToken Tag
        TempDownloadUri ThumbnailFileAccessUri ThumbnailTempDownloadUri domain sparse status time
    """,
    "Term": """
        Active CustomField DayOfMonthDue DiscountDayOfMonth DiscountDays DiscountPercent DueDays DueNextMonthDays Id
        MetaData Name SyncToken Type domain sparse status time
    """,
}

PROPERTIES: dict[str, frozenset[str]] = {name: frozenset(text.split()) for name, text in _TEXT.items()}
