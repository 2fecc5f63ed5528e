"""The table of objects is that of QuickBooks' reference: what each can do, where, and why not."""

import pytest

from quickbooks_app.objects.availability import why_not
from quickbooks_app.objects.editions import CompanyProfile, Level
from quickbooks_app.objects.reports import REPORTS
from quickbooks_app.objects.table import OBJECTS, Operation
from quickbooks_app.sandbox.runtime.entities import ENTITIES as SANDBOX

# As the reference says: C create, R read, U update, D delete, S inactivate, V void, E email and PDF, Q query.
REFERENCE = """
Account                account               C R U S Q
Attachable             attachable            C R U D Q
Bill                   bill                  C R U D Q
BillPayment            billpayment           C R U D V Q
Budget                 budget                C R U D Q
Class                  class                 C R U S Q
CompanyCurrency        companycurrency       C R U S Q
CompanyInfo            companyinfo           R U Q
CreditCardPayment      creditcardpayment     C R U D Q
CreditMemo             creditmemo            C R U D E Q
Customer               customer              C R U S Q
CustomerType           customertype          R Q
Department             department            C R U S Q
Deposit                deposit               C R U D Q
Employee               employee              C R U S Q
Entitlements           entitlements          R
Estimate               estimate              C R U D E Q
ExchangeRate           exchangerate          R U Q
InventoryAdjustment    inventoryadjustment   C R U D Q
Invoice                invoice               C R U D V E Q
Item                   item                  C R U S Q
JournalCode            journalcode           C R U S Q
JournalEntry           journalentry          C R U D Q
Payment                payment               C R U D V E Q
PaymentMethod          paymentmethod         C R U S Q
Preferences            preferences           R U Q
Purchase               purchase              C R U D Q
PurchaseOrder          purchaseorder         C R U D E Q
RecurringTransaction   recurringtransaction  C R D Q
RefundReceipt          refundreceipt         C R U D E Q
ReimburseCharge        reimbursecharge       R Q
SalesReceipt           salesreceipt          C R U D V E Q
TaxAgency              taxagency             C R Q
TaxClassification      taxclassification     R
TaxCode                taxcode               R Q
TaxPayment             taxpayment            R Q
TaxRate                taxrate               R Q
TaxService             taxservice/taxcode    C
Term                   term                  C R U S Q
TimeActivity           timeactivity          C R U D Q
Transfer               transfer              C R U D Q
Vendor                 vendor                C R U S Q
VendorCredit           vendorcredit          C R U D Q
"""
NOT_IN_THE_API = {"Company", "TaxReturn"}
PLUS = CompanyProfile("QuickBooks Online Plus", "US")


def rows() -> list[tuple[str, str, str]]:
    return [(line.split()[0], line.split()[1], " ".join(line.split()[2:])) for line in REFERENCE.strip().splitlines()]


def test_every_object_of_the_reference_can_do_what_it_says_and_no_more() -> None:
    ours = {(one.name, one.address, one.letters.replace(" F", "")) for one in OBJECTS.values()}
    extra = {("TrialBalance", "reports/TrialBalance", "T")} | {(name, name.lower(), "") for name in NOT_IN_THE_API}
    assert ours == set(rows()) | extra


@pytest.mark.parametrize("name", sorted(SANDBOX))
def test_the_sandbox_offers_what_the_table_says(name: str) -> None:
    assert set(SANDBOX[name].operations) == set(OBJECTS[name].letters.replace("F", "").split())
    assert (SANDBOX[name].url, SANDBOX[name].key) == (OBJECTS[name].address, OBJECTS[name].json_key)


@pytest.mark.parametrize(
    ("entity", "operation", "sentence"),
    [
        ("Customer", Operation.DELETE, "A Customer cannot be deleted in QuickBooks: it can be made inactive."),
        ("Estimate", Operation.VOID, "An Estimate cannot be voided in QuickBooks: it can be deleted."),
        ("Bill", Operation.INACTIVATE, "A Bill cannot be made inactive in QuickBooks: it can be deleted."),
        ("Bill", Operation.SEND, "A Bill cannot be sent in QuickBooks."),
        ("TaxCode", Operation.CREATE, "A TaxCode cannot be created in QuickBooks."),
        ("TaxReturn", Operation.READ, "QuickBooks' API has no object TaxReturn any more."),
        ("Company", Operation.QUERY, "QuickBooks has no object Company: CompanyInfo is the one to ask for."),
        ("Unicorn", Operation.READ, "QuickBooks has no object Unicorn."),
        ("Nonsense", Operation.REPORT, "QuickBooks has no report Nonsense."),
        (
            "JournalCode",
            Operation.QUERY,
            "This company has no JournalCode: only companies in FR have it, and this one is in US.",
        ),
        (
            "TaxPayment",
            Operation.READ,
            "This company has no TaxPayment: only companies in AU, CA, GB, UK have it, and this one is in US.",
        ),
    ],
)
def test_what_an_object_or_a_country_does_not_have_is_said_in_a_sentence(
    entity: str, operation: Operation, sentence: str
) -> None:
    assert why_not(entity=entity, operation=operation, company=PLUS) == sentence


@pytest.mark.parametrize(
    ("edition", "entity", "has_it"),
    [
        ("QuickBooks Online EasyStart", "Bill", False),
        ("QuickBooks Online Simple Start", "Bill", False),
        ("QuickBooks Online Simple Start", "Invoice", True),
        ("QuickBooks Online Essentials", "Bill", True),
        ("QuickBooks Online Essentials", "PurchaseOrder", False),
        ("QuickBooks Online Essentials", "Class", False),
        ("QuickBooks Online Essentials", "Budget", False),
        ("QuickBooks Online Plus", "PurchaseOrder", True),
        ("QuickBooks Online Plus", "Budget", True),
        ("QuickBooks Online Advanced", "Budget", True),
        ("Intuit Enterprise Suite", "Budget", True),
        ("", "Budget", True),
        ("An edition of the future", "Budget", True),
    ],
)
def test_an_edition_has_what_it_has_and_an_unknown_one_is_asked(edition: str, entity: str, has_it: bool) -> None:
    reason = why_not(entity=entity, operation=Operation.QUERY, company=CompanyProfile(edition, "US"))
    assert (reason == "") is has_it
    if not has_it:
        level = OBJECTS[entity].level.title
        assert reason == (
            f"This company has no {entity}: it begins with QuickBooks Online {level}, and this company has {edition}."
        )


def test_a_report_of_classes_needs_plus_as_classes_do() -> None:
    essentials = CompanyProfile("QuickBooks Online Essentials", "US")
    assert why_not(entity="ClassSales", operation=Operation.REPORT, company=essentials)
    assert why_not(entity="TrialBalance", operation=Operation.REPORT, company=essentials) == ""
    assert why_not(entity="FECReport", operation=Operation.REPORT, company=PLUS)
    assert REPORTS["ClassSales"][0] == Level.PLUS


def test_change_data_capture_leaves_out_what_intuit_does_not_report() -> None:
    unreported = {"JournalCode", "TaxAgency", "TaxCode", "TaxRate"}
    assert [name for name in unreported if OBJECTS[name].in_changes] == []
    assert OBJECTS["TimeActivity"].in_changes


@pytest.mark.parametrize("name", sorted(SANDBOX))
def test_both_tables_agree_on_changes_countries_and_name_lists(name: str) -> None:
    ours, theirs = OBJECTS[name], SANDBOX[name]
    single = theirs.kind == "single"  # the sandbox reports changes of the company and its settings, too
    assert ours.in_changes == (theirs.changes and not single)
    assert ours.countries - {"UK"} == theirs.countries - {"UK"}
    assert ours.has_active == (theirs.kind == "name list")
