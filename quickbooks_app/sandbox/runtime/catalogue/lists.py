"""Lists that forms refer to: customers, vendors, employees, items, accounts and others."""

from quickbooks_app.sandbox.runtime.catalogue.row import row

_PERSON = """
    Active+ DisplayName+ GivenName+ MiddleName+ FamilyName+ PrintOnCheckName+ Suffix Title Mobile PrimaryPhone
    AlternatePhone V4IDPseudonym
"""

LISTS = (
    row(
        "Customer",
        "name list",
        "CRUSQ",
        f"""{_PERSON} PrimaryEmailAddr? CompanyName+ Balance+ FullyQualifiedName+ ARAccountRef AcctNum BalanceWithJobs
        BillAddr BillWithParent BusinessNumber ClientEntityId CurrencyRef CustomField CustomerTypeRef DefaultTaxCodeRef
        Fax GSTIN GSTRegistrationType IsProject Job Level Notes OpenBalanceDate ParentRef PaymentMethodRef
        PreferredDeliveryMethod PrimaryTaxIdentifier ResaleNum SalesTermRef SecondaryTaxIdentifier ShipAddr Source
        TaxExemptionReasonId Taxable WebAddr""",
    ),
    row("CustomerType", "name list", "RQ", "Name+ Active+", notified=False),
    row(
        "Vendor",
        "name list",
        "CRUSQ",
        f"""{_PERSON} PrimaryEmailAddr? CompanyName+ Balance+ Vendor1099? APAccountRef AcctNum BillAddr BillRate
        BusinessNumber CostRate CurrencyRef CustomField Fax GSTIN GSTRegistrationType HasTPAR OtherContactInfo
        ParentRef Source T4AEligible T5018Eligible TaxIdentifier TaxReportingBasis TermRef VendorPaymentBankDetail
        WebAddr""",
    ),
    row(
        "Employee",
        "name list",
        "CRUSQ",
        f"""{_PERSON} BillRate BillableTime BirthDate CompanyName CostRate EmployeeNumber Gender HiredDate Organization
        PrimaryAddr PrimaryEmailAddr ReleasedDate SSN""",
    ),
    row(
        "Item",
        "name list",
        "CRUSQ",
        """Name!+ Type+ Sku+ Description? Active? Taxable? SubItem? FullyQualifiedName+ UnitPrice^ PurchaseCost^
        AbatementRate AssetAccountRef ClassRef CustomField DeferredRevenue ExpenseAccountRef IncomeAccountRef
        InvStartDate ItemCategoryType ItemGroupDetail Level ParentRef PrefVendorRef PrintGroupedItems PurchaseDesc
        PurchaseTaxCodeRef PurchaseTaxIncluded QtyOnHand ReorderPoint ReverseChargeRate SalesTaxCodeRef
        SalesTaxIncluded ServiceType Source TaxClassificationRef TrackQtyOnHand UQCDisplayText UQCId""",
    ),
    row(
        "Account",
        "name list",
        "CRUSQ",
        """Name!+ AccountType+ AccountSubType+ AcctNum+ Classification+ Active+ SubAccount? CurrentBalance+
        FullyQualifiedName+ Description? ParentRef? AccountAlias CurrencyRef CurrentBalanceWithSubAccounts TaxCodeRef
        TxnLocationType""",
    ),
    row("Class", "name list", "CRUSQ", "Name!+ FullyQualifiedName+ Active+ SubClass? ParentRef?"),
    row(
        "Department",
        "name list",
        "CRUSQ",
        "Name!+ FullyQualifiedName+ Active+ SubDepartment? ParentRef? Address",
    ),
    row(
        "Term",
        "name list",
        "CRUSQ",
        """Name!+ Active+ CustomField DayOfMonthDue DiscountDayOfMonth DiscountDays DiscountPercent DueDays
        DueNextMonthDays Type""",
    ),
    row("PaymentMethod", "name list", "CRUSQ", "Name!+ Active+ Type?"),
    row("CompanyCurrency", "name list", "CRUSQ", "Code! Name? Active+ CustomField", counted=True),
    row(
        "Budget",
        "name list",
        "CRUDQ",
        "Name+ StartDate!? EndDate!? BudgetType? BudgetEntryType Active+ BudgetDetail!",
    ),
    row(
        "JournalCode",
        "record",
        "CRUSQ",
        "Name!+ Type? Active Description CustomField",
        changes=False,
        countries="FR",
    ),
)
