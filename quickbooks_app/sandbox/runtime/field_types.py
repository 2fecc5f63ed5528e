"""The type of a property by its name, which is the same in every QuickBooks object that has it."""

from typing import Literal

FieldType = Literal["id", "text", "email", "ref", "number", "date", "moment", "boolean"]


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


NUMBERS = _names(
    """
    AbatementRate Amount Balance BalanceWithJobs BillRate CostRate CurrentBalance CurrentBalanceWithSubAccounts
    Deposit DiscountAmt DiscountPercent DiscountRate ExchangeRate HomeBalance HomeTotalAmt HourlyRate
    NetAmountTaxable OverrideDeltaAmount PaymentAmount Percent PurchaseCost Qty QtyDiff QtyOnHand Quantity Rate
    RateValue RemainingCredit ReorderPoint ReverseChargeRate Size TaxInclusiveAmount TaxInclusiveAmt TaxPercent
    TotalAmt TotalTax UnappliedAmt UnitPrice
    """
)
# Each with the largest value.
WHOLE_NUMBERS = {
    "BreakHours": 8760,
    "BreakMinutes": 59,
    "DayOfMonthDue": 31,
    "DiscountDayOfMonth": 31,
    "DiscountDays": 999,
    "DueDays": 999,
    "DueNextMonthDays": 999,
    "Hours": 8760,
    "Minutes": 59,
}
DATES = _names(
    """
    AcceptedDate AsOfDate BirthDate BookCloseDate DueDate EndDate ExpirationDate FileDate HiredDate InvStartDate
    LastFileDate OpenBalanceDate PaymentDate ReleasedDate ServiceDate ShipDate StartDate TxnDate
    """
)
BOOLEANS = _names(
    """
    Active Adjustment ApplyTaxAfterDiscount BillWithParent BillableTime Credit FreeFormAddress HasBeenInvoiced
    HasTPAR Hidden IncludeInAnnualTPAR IncludeOnSend IsProject Job Organization PercentBased ProcessBillPayment
    ProcessPayment Refund SubAccount SubClass SubDepartment SubItem TaxGroup TaxTrackedOnPurchases
    TaxTrackedOnSales Taxable TrackQtyOnHand Vendor1099
    """
)
EMAILS = _names(
    """
    BillEmail BillEmailBcc BillEmailCc POEmail PrimaryEmailAddr
    """
)
LISTS = _names(
    """
    ApplicableTo AttachableRef BudgetDetail CustomField EffectiveTaxRate Line LinkedTxn TaxLine TaxRateDetail
    TaxRateDetails any
    """
)
OBJECTS = EMAILS | _names(
    """
    AlternatePhone BillAddr CashBack CheckPayment CompanyAddr CreditCardPayment CustomerCommunicationAddr
    CustomerMemo DeliveryInfo Entity Fax ItemGroupDetail LegalAddr LineEx MarkupInfo MetaData Mobile PrimaryAddr
    PrimaryPhone PurchaseTaxRateList RecurringInfo RemitToAddr SalesTaxRateList ShipAddr ShipFromAddr VendorAddr
    VendorPaymentBankDetail WebAddr
    """
)
TEXTS = _names(
    """
    AccountSubType AccountType AcctNum CheckNum CompanyName DetailType DisplayName DocNumber FamilyName FileName
    GivenName Memo MiddleName Name Note PayType PaymentRefNum PaymentType PrivateNote Sku TxnType
    """
)
ENUMERATIONS: dict[str, tuple[str, ...]] = {
    "PayType": ("Check", "CreditCard"),
    "BillableStatus": ("Billable", "NotBillable", "HasBeenBilled"),
    "NameOf": ("Employee", "Vendor", "Other"),
    "POStatus": ("Open", "Closed"),
}
MAX_LENGTHS = {
    "PrivateNote": 4000,
    "Description": 4000,
    "DisplayName": 500,
    "CompanyName": 100,
    "Name": 100,
    "Note": 2000,
    "FileName": 1000,
    "GivenName": 100,
    "FamilyName": 100,
    "Sku": 100,
    "PaymentRefNum": 21,
    "Address": 100,
    "FreeFormNumber": 30,
    "City": 255,
    "PostalCode": 30,
}


def type_of(name: str) -> FieldType:
    """Return the type in which a property is compared by a query."""
    if name == "Id":
        return "id"
    if name.startswith("MetaData."):
        return "moment"
    for names, found in _KINDS:
        if name in names:
            return found
    return "ref" if name.endswith("Ref") else "text"


_KINDS: tuple[tuple[frozenset[str], FieldType], ...] = (
    (NUMBERS | WHOLE_NUMBERS.keys(), "number"),
    (DATES, "date"),
    (BOOLEANS, "boolean"),
    (EMAILS, "email"),
)
