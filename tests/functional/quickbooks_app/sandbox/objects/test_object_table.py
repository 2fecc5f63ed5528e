"""The sandbox's objects and their operations are those of today's API, no more and no less."""

import re
from typing import Any

import pytest

from quickbooks_app.sandbox.runtime.entities import ENTITIES
from tests.functional.quickbooks_app.sandbox.conftest import Api
from tests.functional.quickbooks_app.sandbox.objects.bodies import BODIES, filled

# What Intuit's reference lists, with its SDKs and the clients python-quickbooks and qbo_api: object, address, and
# C create, R read, U update, D delete, S inactivate, V void, E email and PDF, Q query.
TODAY = """
Account account CRUSQ
Attachable attachable CRUDQ
Bill bill CRUDQ
BillPayment billpayment CRUDVQ
Budget budget CRUDQ
Class class CRUSQ
CompanyCurrency companycurrency CRUSQ
CompanyInfo companyinfo RUQ
CreditCardPayment creditcardpayment CRUDQ
CreditMemo creditmemo CRUDEQ
Customer customer CRUSQ
CustomerType customertype RQ
Department department CRUSQ
Deposit deposit CRUDQ
Employee employee CRUSQ
Estimate estimate CRUDEQ
ExchangeRate exchangerate RUQ
InventoryAdjustment inventoryadjustment CRUDQ
Invoice invoice CRUDVEQ
Item item CRUSQ
JournalCode journalcode CRUSQ
JournalEntry journalentry CRUDQ
Payment payment CRUDVEQ
PaymentMethod paymentmethod CRUSQ
Preferences preferences RUQ
Purchase purchase CRUDQ
PurchaseOrder purchaseorder CRUDEQ
RecurringTransaction recurringtransaction CRDQ
RefundReceipt refundreceipt CRUDEQ
ReimburseCharge reimbursecharge RQ
SalesReceipt salesreceipt CRUDVEQ
TaxAgency taxagency CRQ
TaxClassification taxclassification R
TaxCode taxcode RQ
TaxPayment taxpayment RQ
TaxRate taxrate RQ
TaxReturn taxreturn -
TaxService taxservice/taxcode C
Term term CRUSQ
TimeActivity timeactivity CRUDQ
Transfer transfer CRUDQ
Vendor vendor CRUSQ
VendorCredit vendorcredit CRUDQ
"""
KEYS = {"CreditCardPayment": "CreditCardPaymentTxn"}


def test_the_table_is_todays() -> None:
    told = {row.name: (row.url, "".join(row.operations) or "-") for row in ENTITIES.values()}
    assert told == {name: (url, letters) for name, url, letters in map(str.split, TODAY.strip().splitlines())}
    assert {row.name: row.key for row in ENTITIES.values() if row.key != row.name} == KEYS


@pytest.fixture
def created(api: Api) -> dict[str, dict[str, Any]]:
    """One object of each kind that can be created."""
    made: dict[str, dict[str, Any]] = {}
    for entity, body in BODIES.items():
        answer = api.post(f"/{entity.lower()}", filled(body, {name: one["Id"] for name, one in made.items()}))
        assert answer.status_code == 200, (entity, answer.text)
        made[entity] = answer.get_json()[ENTITIES[entity].key]
    return made


def test_each_object_is_created_read_found_changed_and_removed(api: Api, created: dict[str, dict[str, Any]]) -> None:
    assert created.keys() == {row.name for row in ENTITIES.values() if row.can("C") and not row.countries} - {
        "RecurringTransaction",
        "TaxService",
    }
    for entity in reversed(created):
        row, made = ENTITIES[entity], created[entity]
        found = api.get(f"/{row.url}/{made['Id']}").get_json()[row.key]
        assert found["Id"] == made["Id"], entity
        (queried,) = api.query(f"select * from {entity} where Id = '{made['Id']}'")[row.key]
        assert (queried["Id"], queried["SyncToken"]) == (found["Id"], found["SyncToken"]), entity
        if not row.can("U"):
            continue
        note = "Description" if "Description" in row.properties else "PrivateNote"
        changed = {"Active": False} if row.can("S") else {note: "Changed"} if note in row.properties else {"Note": "x"}
        if entity == "Budget":
            changed = {"Name": "Renamed budget"}
        answer = api.post(f"/{row.url}", {"sparse": True, "Id": made["Id"], "SyncToken": found["SyncToken"], **changed})
        assert answer.status_code == 200, (entity, answer.text)
        after = answer.get_json()[row.key]
        assert int(after["SyncToken"]) == int(found["SyncToken"]) + 1, entity
        if row.can("D"):
            known = {"Id": after["Id"], "SyncToken": after["SyncToken"]}
            gone = api.post(f"/{row.url}?operation=delete", known).get_json()
            assert gone[row.key] == {"domain": "QBO", "status": "Deleted", "Id": made["Id"]}, entity
            assert api.get(f"/{row.url}/{made['Id']}").get_json()["Fault"]["Error"][0]["code"] == "610", entity
        else:
            assert after["Active"] is False, entity
            assert row.key not in api.query(f"select * from {entity} where Id = '{made['Id']}'"), entity


def test_an_operation_that_the_api_does_not_have_is_refused_in_intuits_form(api: Api) -> None:
    for entity in sorted(ENTITIES):
        check_refusals(api, entity)


def check_refusals(api: Api, entity: str) -> None:
    row = ENTITIES[entity]
    known, exists = {"Id": "1", "SyncToken": "0"}, not row.countries
    tries = {
        "C": lambda: api.post(f"/{row.url}", {"Name": "x"}),
        "R": lambda: api.get(f"/{row.url}/1"),
        "U": lambda: api.post(f"/{row.url}?operation=update", known),
        "D": lambda: api.post(f"/{row.url}?operation=delete", known),
        "V": lambda: api.post(f"/{row.url}?operation=void", known),
    }
    if entity in ("TaxService", "ExchangeRate", "CompanyInfo", "Preferences", "TaxClassification"):
        del tries["R"], tries["C"]
    for letter, attempt in tries.items():
        if row.can(letter) and exists:
            continue
        answer = attempt()
        error = answer.get_json()["Fault"]["Error"][0]
        assert (answer.status_code, error["code"]) == (400, "500"), (entity, letter, answer.text)
        assert re.fullmatch(r"Operation .* is not supported\.", error["Detail"])
    if not (row.can("Q") and exists):
        answer = api.get("/query", query_string={"query": f"select * from {entity}"})
        assert answer.get_json()["Fault"]["Error"][0]["code"] == "4001"
