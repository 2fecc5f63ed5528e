"""The page of QuickBooks' objects is that of the code, and its tests exist."""

from pathlib import Path

from quickbooks_app.objects.table import OBJECTS
from tests.support import object_matrix

ROOT = Path(__file__).resolve().parents[2]
SOURCES = "".join(file.read_text() for file in (ROOT / "tests/functional/quickbooks_app/api").glob("test_*.py"))
# The matrix of the connector that infactor's was asked to equal.
# Delete of Account, Class, Company Currency, Department and Journal Code is an inactivation in today's API.
ASKED_FOR = """
Account CGDUQ
Attachable CGDUQ
Bill CGDUQ
BillPayment CGDUQ
Budget Q
Class CGDUQ
Company GUQ
CompanyCurrency CGDUQ
CompanyInfo GUQ
CreditMemo CGDUQ
Customer CGUQ
Department CGDUQ
Deposit CGDUQ
Employee CGUQ
Estimate CGDUQ
ExchangeRate GUQ
Invoice CGDUQ
Item CGUQ
JournalEntry CGDUQ
JournalCode CGDUQ
Payment CGDUQ
PaymentMethod CGUQ
Preferences UQ
Purchase CGDUQ
PurchaseOrder CGDUQ
RefundReceipt CGDUQ
SalesReceipt CGDUQ
TaxAgency CGQ
TaxCode CGQ
TaxRate CGQ
TaxReturn GUQ
Term CGUQ
TimeActivity CGDUQ
Transfer CGDUQ
TrialBalance R
Vendor CGUQ
VendorCredit CGDUQ
"""
COLUMNS = {"C": "Create", "G": "Get", "D": "Delete", "U": "Update", "Q": "Query", "R": "Report"}


def test_the_page_is_that_of_the_code() -> None:
    page = (ROOT / "docs/domain/quickbooks-objects.md").read_text()
    assert page == object_matrix.as_markdown(), "run `make object-table`"


def test_every_cell_that_was_asked_for_works_or_says_what_todays_api_has_instead() -> None:
    rows = [line.split() for line in ASKED_FOR.strip().splitlines()]
    asked = [(name, COLUMNS[letter]) for name, letters in rows for letter in letters]
    assert len(asked) == 154
    assert [one for one in asked if not object_matrix.cell(*one)] == []


def test_the_tests_of_the_page_exist() -> None:
    names = {object_matrix.test_of(entity) for entity in OBJECTS} | {object_matrix.REFUSED}
    assert [name for name in sorted(names) if f"def {name}(" not in SOURCES] == []
