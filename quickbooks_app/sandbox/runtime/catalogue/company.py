"""The company itself: settings, attachments, currencies and taxes."""

from quickbooks_app.sandbox.runtime.catalogue.row import row

COMPANY = (
    row(
        "CompanyInfo",
        "single",
        "RUQ",
        """CompanyName CompanyAddr CompanyStartDate Country CustomerCommunicationAddr CustomerCommunicationEmailAddr
        DefaultTimeZone Email EmployerId FiscalYearStartMonth LegalAddr LegalName NameValue PrimaryPhone
        SupportedLanguages WebAddr""",
        notified=False,
    ),
    row(
        "Preferences",
        "single",
        "RUQ",
        """AccountingInfoPrefs CurrencyPrefs EmailMessagesPrefs OtherPrefs ProductAndServicesPrefs ReportPrefs
        SalesFormsPrefs TaxPrefs TimeTrackingPrefs VendorAndPurchasesPrefs""",
    ),
    row(
        "Attachable",
        "record",
        "CRUDQ",
        """FileName+ Note+ Category+ ContentType+ Tag+ Size+ AttachableRef AttachableRef.EntityRef.Type?
        AttachableRef.EntityRef.value? FileAccessUri Lat Long PlaceName TempDownloadUri ThumbnailFileAccessUri
        ThumbnailTempDownloadUri""",
        notified=False,
    ),
    row(
        "ExchangeRate",
        "record",
        "RUQ",
        "SourceCurrencyCode!? AsOfDate+ Rate! TargetCurrencyCode CustomField",
        counted=True,
        changes=False,
        notified=False,
    ),
    row(
        "TaxAgency",
        "record",
        "CRQ",
        "DisplayName!+ TaxTrackedOnSales TaxTrackedOnPurchases LastFileDate TaxAgencyConfig TaxRegistrationNumber",
        changes=False,
    ),
    row(
        "TaxCode",
        "name list",
        "RQ",
        """Name+ Active+ Description Hidden Taxable TaxGroup PurchaseTaxRateList SalesTaxRateList TaxCodeConfigType""",
        changes=False,
        notified=False,
    ),
    row(
        "TaxRate",
        "name list",
        "RQ",
        """Name+ Active+ RateValue AgencyRef Description DisplayType EffectiveTaxRate OriginalTaxRate SpecialTaxType
        TaxReturnLineRef""",
        changes=False,
        notified=False,
    ),
    row(
        "TaxService",
        "record",
        "C",
        "TaxCode! TaxCodeId TaxRateDetails!",
        url="taxservice/taxcode",
        changes=False,
        notified=False,
    ),
    row(
        "TaxClassification",
        "record",
        "R",
        "Name Code Description Level ParentRef ApplicableTo",
        changes=False,
        notified=False,
    ),
    row(
        "TaxPayment",
        "record",
        "RQ",
        "PaymentDate+ PaymentAmount? PaymentAccountRef Description Refund?",
        changes=False,
        notified=False,
        countries="AU CA GB",
    ),
    row("TaxReturn", "record", "", "AgencyRef FileDate StartDate EndDate", changes=False, notified=False),
)
