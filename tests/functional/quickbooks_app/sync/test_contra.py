"""A customer who is also a vendor: what QuickBooks says is owed to it, read over HTTP, in every way it can change."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from infactor.financing.eligibility.portfolio_loader import load_portfolio
from infactor.invoices.contra.owed import owed_to_buyers
from infactor.invoices.models import Buyer, CompanyFile, Payable, VendorMatch
from quickbooks_app import pulls
from quickbooks_app.api.keyset_pagination import FetchedObject
from quickbooks_app.models import Connection, ImportIssue
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sync import object_pulls, refetch
from quickbooks_app.sync.apply_page import apply_page
from tests.functional.quickbooks_app.sandbox.objects.bodies import by_account, ref
from tests.functional.quickbooks_app.sync.conftest import REALM, Company, laid, read

pytestmark = pytest.mark.django_db
PAYABLES = ["Vendor", "Bill", "VendorCredit"]


@pytest.fixture(scope="module")
def prepare() -> Callable[[Company, Connection], Any]:
    """The first customer is a vendor, too; one more vendor shares its name with nobody."""

    def make(company: Company, connection: Connection) -> dict[str, str]:
        name = company.read("Customer", "1")["DisplayName"]
        twin = company.write("Vendor", {"DisplayName": f"{name} (vendor)"})["Id"]
        other = company.write("Vendor", {"DisplayName": "Unlike Anybody"})["Id"]
        bill = company.write("Bill", {"VendorRef": ref(twin), "Line": [by_account(480)]})["Id"]
        pulls.enable(connection=connection, entities=PAYABLES)
        work(company)
        return {"twin": twin, "other": other, "bill": bill}

    return make


@pytest.fixture
def made(module_import: Any) -> dict[str, str]:
    found: dict[str, str] = module_import.prepared
    return found


def work(company: Company) -> None:
    while due := list(pulls.due(at=company.clock()).values_list("pk", flat=True)):
        for pull_id in due:
            object_pulls.pull_objects(pull_id=pull_id, owner="me", now=company.clock)


def owed(connection: Connection) -> Decimal:
    """What is owed to customer 1. The seeded company owes customer 4, too."""
    amounts = owed_to_buyers(supplier=connection.supplier).amounts
    buyer = Buyer.objects.get(reference="1").pk
    return sum((amount for (key, _), amount in amounts.items() if key == buyer), Decimal(0))


def sync(company: Company, connection: Connection) -> Decimal:
    company.clock.advance(hours=1)
    assert read(connection, company.clock).api_calls <= 2  # a second one reads what a merge moved
    return owed(connection)


def test_what_is_owed_to_a_customer_follows_every_change_in_the_books(
    company: Company, imported: Connection, made: dict[str, str]
) -> None:
    twin = made["twin"]
    assert owed(imported) == 480
    revision = CompanyFile.objects.get(pk=imported.company_file_id).revision
    company.write("VendorCredit", {"VendorRef": ref(twin), "Line": [by_account(30)]})
    more = company.write("Bill", {"VendorRef": ref(twin), "Line": [by_account(70)]})
    assert sync(company, imported) == 520
    payment = {
        "VendorRef": ref(twin),
        "PayType": "Check",
        "TotalAmt": 200,
        "CheckPayment": {"BankAccountRef": ref("35")},
    }
    company.write("BillPayment", {**payment, "Line": [laid({"Id": made["bill"]}, "200", "Bill")]})
    assert sync(company, imported) == 320
    company.delete("Bill", more["Id"])
    assert sync(company, imported) == 250
    assert CompanyFile.objects.get(pk=imported.company_file_id).revision > revision, "eligibility is due again"


def test_the_lower_of_what_each_owes_is_out(company: Company, imported: Connection, made: dict[str, str]) -> None:
    supplier = imported.supplier
    file = CompanyFile.objects.get(pk=imported.company_file_id)
    buyer = Buyer.objects.get(reference="1")

    def contra() -> Decimal:
        loaded = load_portfolio(
            supplier=supplier, terms_by_currency={}, as_of=company.clock().date(), at=company.clock()
        )
        assert buyer.pk not in loaded.payables_unknown
        return loaded.contra.get((buyer.pk, file.home_currency), Decimal(0))

    assert contra() == 480
    company.write("Bill", {"VendorRef": ref(made["twin"]), "Line": [by_account(900_000)]})
    sync(company, imported)
    open_invoices = [one["Balance"] for one in company.all("Invoice") if one["CustomerRef"]["value"] == "1"]
    assert contra() == Decimal(str(sum(open_invoices))) < owed(imported)


def test_it_is_not_known_until_vendors_bills_and_credits_are_all_read(
    company: Company, imported: Connection, made: dict[str, str]
) -> None:
    def is_known() -> bool:
        return not owed_to_buyers(supplier=imported.supplier).unknown

    assert is_known()
    pulls.enable(connection=imported, entities=["VendorCredit"], is_enabled=False)
    assert not is_known()
    pulls.enable(connection=imported, entities=["VendorCredit"])
    assert is_known(), "what was read is known up to then, and changes follow"


def test_vendors_that_are_merged_leave_their_bills_to_the_other(
    company: Company, imported: Connection, made: dict[str, str]
) -> None:
    company.write("Bill", {"VendorRef": ref(made["other"]), "Line": [by_account(20)]})
    assert sync(company, imported) == 480
    with company.store.transaction() as database:
        books = Books(database, realm=REALM, at=company.clock())
        for bill in books.list_all("Bill"):
            if bill["VendorRef"]["value"] == made["other"]:
                books.update_reference_name("Bill", {**bill, "VendorRef": ref(made["twin"])})
        books.delete("Vendor", books.get("Vendor", made["other"]), notify=False)
    assert sync(company, imported) == 500


def test_a_webhook_about_a_bill_or_a_customer_is_heard(
    company: Company, imported: Connection, made: dict[str, str]
) -> None:
    company.edit("Bill", made["bill"], Line=[by_account(333)])
    refetch.refetch_objects(connection=imported, entity="Bill", ids=[made["bill"]], now=company.clock)
    assert owed(imported) == 333
    company.edit("Customer", "1", DisplayName="Another Name", CompanyName="Another Name")
    refetch.refetch_objects(connection=imported, entity="Customer", ids=["1"], now=company.clock)
    assert (owed(imported), VendorMatch.objects.filter(buyer__reference="1").count()) == (0, 0)


BAD: list[tuple[dict[str, Any], Decimal, set[str]]] = [
    ({"VendorRef": None}, Decimal(480), {"VendorRef"}),
    ({"VendorRef": "57"}, Decimal(480), {"VendorRef"}),
    ({"Balance": -5}, Decimal(500), {"Balance"}),  # it counts in full
    ({"Balance": "5"}, Decimal(500), {"Balance"}),
    ({"Balance": None, "TotalAmt": "NaN"}, Decimal(480), {"Balance", "TotalAmt"}),
    ({"CurrencyRef": {"value": "DOUBLOON"}}, Decimal(480), {"CurrencyRef"}),
    ({"CurrencyRef": {"value": "XXX"}}, Decimal(480), set()),
    ({"DueDate": "never", "TxnDate": "0001-01-01"}, Decimal(485), {"DueDate", "TxnDate"}),
]


@pytest.mark.parametrize(("changes", "left", "fields"), BAD)
def test_a_bill_that_is_not_one_is_noted_and_never_lowers_what_is_owed(
    company: Company,
    imported: Connection,
    made: dict[str, str],
    changes: dict[str, Any],
    left: Decimal,
    fields: set[str],
) -> None:
    bill = {"Id": "9001", "SyncToken": "0", "VendorRef": ref(made["twin"]), "TotalAmt": 20, "Balance": 5, **changes}
    item = FetchedObject.from_bytes(json.dumps(bill).encode())
    apply_page(connection=imported, entity="Bill", objects=[item], at=company.clock())
    currency = {row.currency for row in Payable.objects.filter(reference="9001")}
    home = CompanyFile.objects.get(pk=imported.company_file_id).home_currency
    of_home = owed_to_buyers(supplier=imported.supplier).amounts[Buyer.objects.get(reference="1").pk, home]
    assert (of_home, len(currency)) == (left, 1)
    assert set(ImportIssue.objects.filter(entity="Bill").values_list("field", flat=True)) == fields
