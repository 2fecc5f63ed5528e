"""The sample requests of Intuit's reference, by the ids of Intuit's sample company, are answered as there."""

from typing import Any

import pytest

from quickbooks_app.sandbox.runtime.entities import ENTITIES
from tests.functional.quickbooks_app.sandbox.conftest import Api, sales_line
from tests.functional.quickbooks_app.sandbox.objects.bodies import by_account, by_item, journal, ref

Body = dict[str, Any]
WORDS = {"DetailType": "DescriptionOnly", "Description": "March correction"}

SAMPLES: tuple[tuple[str, Body, Body], ...] = (
    ("Account", {"Name": "MyJobs_test", "AccountType": "Accounts Receivable"}, {"Classification": "Asset"}),
    ("Bill", {"VendorRef": ref("56"), "Line": [by_account(200, account="7")]}, {"Balance": 200}),
    ("VendorCredit", {"VendorRef": ref("56"), "Line": [by_account(90, account="8")]}, {"TotalAmt": 90}),
    (
        "PurchaseOrder",
        {"VendorRef": ref("41"), "APAccountRef": ref("33"), "Line": [by_item(25, "11", CustomerRef=ref("3"))]},
        {"POStatus": "Open", "TotalAmt": 25},
    ),
    (
        "Purchase",
        {"PaymentType": "CreditCard", "AccountRef": ref("42"), "Line": [by_account(10, account="13")]},
        {"TotalAmt": 10},
    ),
    (
        "JournalEntry",
        {"Line": [journal("Debit", "39", 100), journal("Credit", "44", 100), WORDS]},
        {"Adjustment": False},
    ),
    ("Transfer", {"FromAccountRef": ref("35"), "ToAccountRef": ref("36"), "Amount": "120.00"}, {"Amount": 120}),
    # Intuit masks the number in its answer with these letters.
    ("Employee", {"GivenName": "John", "FamilyName": "Meuller", "SSN": "444-55-6666"}, {"SSN": "XXX-XX-XXXX"}),
    (
        "Item",
        {
            "Name": "Garden Supplies",
            "Type": "Inventory",
            "TrackQtyOnHand": True,
            "QtyOnHand": 10,
            "InvStartDate": "2026-01-01",
            "IncomeAccountRef": ref("79"),
            "AssetAccountRef": ref("81"),
            "ExpenseAccountRef": ref("80"),
        },
        {"QtyOnHand": 10, "FullyQualifiedName": "Garden Supplies"},
    ),
    (
        "TimeActivity",
        {
            "NameOf": "Employee",
            "EmployeeRef": ref("55"),
            "StartTime": "2026-11-02T08:00:00-08:00",
            "EndTime": "2026-11-02T17:00:00-08:00",
        },
        {"BillableStatus": "NotBillable"},
    ),
    ("Estimate", {"CustomerRef": ref("3"), "Line": [sales_line("35", item="10")]}, {"TxnStatus": "Pending"}),
    ("Class", {"Name": "France"}, {"FullyQualifiedName": "France", "SubClass": False}),
    ("Term", {"Name": "TermForV3Test", "DueDays": "120"}, {}),
)


@pytest.mark.parametrize(("entity", "body", "expected"), SAMPLES, ids=[entity for entity, *_ in SAMPLES])
def test_a_sample_request_is_answered(api: Api, entity: str, body: Body, expected: Body) -> None:
    answer = api.post(f"/{ENTITIES[entity].url}", body)
    assert answer.status_code == 200, answer.text
    made = answer.get_json()[ENTITIES[entity].key]
    assert {key: made[key] for key in expected} == expected
