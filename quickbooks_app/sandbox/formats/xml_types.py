"""What an XML element's name says of its value: names mean the same in all of QuickBooks' objects."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


LISTS = _names(
    """
    ApplicableTo AttachableRef BatchItemRequest BudgetDetail CustomExtensions CustomField EffectiveTaxRate
    ItemGroupLine Line LinkedTxn NameValue OtherContactInfo POCustomField TaxLine TaxRateDetail TaxRateDetails any
    """
)
BOOLEANS = _names(
    """
    Active Adjustment AllowDeposit AllowDiscount AllowEstimates AllowIPNPayment AllowOnlineACHPayment
    AllowOnlineCreditCardPayment AllowOnlinePayPalPayment AllowOnlinePayment AllowServiceDate AllowShipping
    ApplyTaxAfterDiscount AutoApplyCredit AutoPayEligible BillCustomers BillWithParent BillableExpenseTracking
    BillableTime BooleanValue CalcAgingReportFromTxnDate ClassTrackingPerTxn ClassTrackingPerTxnLine Credit
    CustomTxnNumbers DeferredRevenue ETransactionAttachPDF ETransactionPaymentEnabled EmailCopyToCompany ForPurchase
    ForSales FreeFormAddress HasBeenInvoiced HasTPAR Hidden IPNSupportEnabled IncludeInAnnualTPAR IncludeOnSend
    IsProject Job MarkTimeEntriesBillable MultiCurrencyEnabled NoRefOnly Organization PartnerTaxEnabled PercentBased
    PrintGroupedItems ProcessBillPayment ProcessPayment PurchaseTaxIncluded QuantityOnHand QuantityWithPriceAndRate
    RevenueRecognitionEnabled SalesTaxIncluded SchedulePayEligible ShowBillRateToAll SubAccount SubClass
    SubDepartment SubItem T4AEligible T5018Eligible TPAREnabled TaxGroup TaxTrackedOnPurchases TaxTrackedOnSales
    Taxable TrackDepartments TrackQtyOnHand TrackingByCustomer UseAccountNumbers UsingPriceLevels
    UsingProgressInvoicing UseServices UsingSalesTax Vendor1099
    """
)
NUMBERS = _names(
    """
    AbatementRate Amount Balance BalanceWithJobs BillRate BreakHours BreakMinutes CcExpiryMonth CcExpiryYear
    CostRate CurrentBalance CurrentBalanceWithSubAccounts DayOfMonthDue DefaultMarkup Deposit DiscountAmt
    DiscountDayOfMonth DiscountDays DiscountPercent DiscountRate DueDays DueNextMonthDays ExchangeRate HomeBalance
    HomeTotalAmt HourlyRate Hours Level LineNum Minutes NetAmountTaxable NumberValue OverrideDeltaAmount Percent
    PurchaseCost Qty QtyDiff QtyOnHand Quantity Rate RateValue RemainingCredit ReorderPoint ReverseChargeRate Size
    TaxAmount TaxInclusiveAmount TaxInclusiveAmt TaxOrder TaxPercent TotalAmt TotalTax UnappliedAmt UnitPrice
    """
)
# Elements with text that are objects with a `value` in JSON, beside every name that ends in Ref.
VALUES = _names(
    """
    CustomerMemo DefaultTerms HomeCurrency
    """
)
# Elements that are objects even when they are empty, beside every name that ends in Detail, List or Prefs.
OBJECTS = _names(
    """
    AlternatePhone BillAddr BillEmail BillEmailBcc BillEmailCc CashBack CompanyAddr CreditCardPayment
    CustomerCommunicationAddr Email Fax LegalAddr LineEx MetaData Mobile PrimaryAddr PrimaryEmailAddr PrimaryPhone
    ShipAddr ShipFromAddr VendorAddr WebAddr
    """
)
