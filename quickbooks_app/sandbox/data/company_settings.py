"""Preferences and CompanyInfo of the sample companies, with every group that Intuit's have."""

from quickbooks_app.sandbox.runtime.documents import Document

_GREETING = "Dear customer,\n\nPlease find the document attached. Thank you for your business.\n\n{company}"


def company_info(name: str, *, email: str, address: Document, country: str = "US", nation: str = "USA") -> Document:
    """Return a CompanyInfo document."""
    full = {**address, "Country": nation}
    return {
        "CompanyName": name,
        "LegalName": f"{name}, LLC" if country == "US" else name,
        "CompanyAddr": full,
        "CustomerCommunicationAddr": full,
        "LegalAddr": full,
        "CustomerCommunicationEmailAddr": {"Address": email},
        "PrimaryPhone": {"FreeFormNumber": "(503) 555-0142"},
        "CompanyStartDate": "2019-02-11",
        "EmployerId": "93-5550142",
        "FiscalYearStartMonth": "January",
        "Country": country,
        "Email": {"Address": email},
        "WebAddr": {},
        "SupportedLanguages": "en",
        "DefaultTimeZone": "America/Los_Angeles",
        "NameValue": [
            {"Name": name, "Value": value}
            for name, value in (
                ("NeoEnabled", "true"),
                ("IsQbdtMigrated", "false"),
                ("CompanyType", "Other"),
                ("SubscriptionStatus", "PAID"),
                ("OfferingSku", "QuickBooks Online Plus"),
                ("PayrollFeature", "false"),
                ("AccountantFeature", "false"),
                ("ItemCategoriesFeature", "true"),
                ("IndustryType", "Wholesale"),
                ("IndustryCode", "424490"),
                ("QBOIndustryType", "Wholesale Trade"),
                ("AssignedTime", "02/11/2019 09:30:00"),
            )
        ],
    }


def preferences(*, several_currencies: bool, terms: str, company: str, home: str = "USD") -> Document:
    """Return a Preferences document. `terms` is the id of the default term of sales."""
    message = {"Message": _GREETING.format(company=company)}
    return {
        "AccountingInfoPrefs": {
            "FirstMonthOfFiscalYear": "January",
            "UseAccountNumbers": False,
            "TaxYearMonth": "January",
            "ClassTrackingPerTxn": False,
            "ClassTrackingPerTxnLine": False,
            "TrackDepartments": False,
            "DepartmentTerminology": "Location",
            "CustomerTerminology": "Customers",
            "TaxForm": "6",
        },
        "ProductAndServicesPrefs": {
            "ForSales": True,
            "ForPurchase": True,
            "QuantityWithPriceAndRate": True,
            "QuantityOnHand": True,
            "RevenueRecognitionEnabled": False,
            "RecognitionFrequencyType": "Daily",
        },
        "SalesFormsPrefs": {
            "CustomField": _definitions(
                "SalesFormsPrefs.UseSalesCustom",
                "SalesFormsPrefs.SalesCustomName",
                ("Buyer's order", "Delivery window"),
            ),
            "CustomTxnNumbers": False,
            "AllowDeposit": True,
            "AllowDiscount": True,
            "DefaultDiscountAccount": "86",
            "AllowEstimates": True,
            "AllowServiceDate": False,
            "AllowShipping": True,
            "DefaultShippingAccount": "78",
            "ETransactionEnabledStatus": "NotApplicable",
            "ETransactionAttachPDF": False,
            "ETransactionPaymentEnabled": False,
            "IPNSupportEnabled": False,
            "DefaultTerms": {"value": terms},
            "DefaultCustomerMessage": "Thank you for your business!",
            "EstimateMessage": "Please tell us whether you accept this estimate.",
            "EmailCopyToCompany": False,
            "UsingPriceLevels": False,
            "UsingProgressInvoicing": False,
            "AutoApplyCredit": False,
        },
        "EmailMessagesPrefs": {
            "InvoiceMessage": {"Subject": f"Invoice from {company}", **message},
            "EstimateMessage": {"Subject": f"Estimate from {company}", **message},
            "SalesReceiptMessage": {"Subject": f"Sales receipt from {company}", **message},
            "StatementMessage": {"Subject": f"Statement from {company}", **message},
        },
        "VendorAndPurchasesPrefs": {
            "TrackingByCustomer": True,
            "BillableExpenseTracking": True,
            "DefaultMarkup": 0,
            "POCustomField": _definitions(
                "PurchasePrefs.UsePurchaseCustom", "PurchasePrefs.PurchaseCustomName", ("Contract", "Ship by")
            ),
            "TPAREnabled": False,
        },
        "TimeTrackingPrefs": {
            "UseServices": True,
            "BillCustomers": True,
            "ShowBillRateToAll": False,
            "WorkWeekStartDate": "Monday",
            "MarkTimeEntriesBillable": True,
        },
        "TaxPrefs": {
            "UsingSalesTax": True,
            **({"TaxGroupCodeRef": {"value": "2"}} if home == "USD" else {}),
            "PartnerTaxEnabled": False,
        },
        "CurrencyPrefs": {"MultiCurrencyEnabled": several_currencies, "HomeCurrency": {"value": home}},
        "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
        "OtherPrefs": {
            "NameValue": [
                {"Name": name, "Value": value}
                for name, value in (
                    ("SalesFormsPrefs.DefaultCustomerMessage", "Thank you for your business!"),
                    ("SalesFormsPrefs.DefaultItem", "1"),
                    ("DTXCopyMemo", "false"),
                    ("UncategorizedAssetAccountId", "4"),
                    ("UncategorizedIncomeAccountId", "1"),
                    ("UncategorizedExpenseAccountId", "31"),
                )
            ]
        },
    }


def _definitions(used: str, named: str, names: tuple[str, ...]) -> list[Document]:
    """Return the definitions of custom fields as Preferences hold them: which are used, and what they are called."""
    flags = [
        {"Name": f"{used}{number}", "Type": "BooleanType", "BooleanValue": number <= len(names)} for number in (1, 2, 3)
    ]
    titles = [
        {"Name": f"{named}{number}", "Type": "StringType", "StringValue": name}
        for number, name in enumerate(names, start=1)
    ]
    return [{"CustomField": flags}, {"CustomField": titles}]
