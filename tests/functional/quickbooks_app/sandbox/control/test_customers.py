"""The control page for customers, and the switch for documents without a currency."""

import pytest
from flask.testing import FlaskClient

from quickbooks_app.sandbox.runtime.store import Store
from tests.functional.quickbooks_app.sandbox.conftest import Api, MovableClock


def lower(client: FlaskClient, customer: str, **form: str) -> int:
    return client.post(f"/customers/{customer}/lower", data=form).status_code


@pytest.fixture
def customer(api: Api) -> str:
    return str(api.write("Customer", {"DisplayName": "Lowered Ltd"})["Id"])


def test_a_customer_is_made_inactive_and_active_again(client: FlaskClient, api: Api, customer: str) -> None:
    assert client.post(f"/customers/{customer}/activity", data={"active": "off"}).status_code == 303
    assert api.read("Customer", customer)["DisplayName"] == "Lowered Ltd (deleted)"
    client.post(f"/customers/{customer}/activity", data={"active": "on"})
    assert api.read("Customer", customer)["DisplayName"] == "Lowered Ltd"


def test_a_payment_without_an_invoice_is_unapplied(client: FlaskClient, api: Api, customer: str) -> None:
    assert lower(client, customer, kind="Payment", amount="1,706.50") == 303
    assert float(api.read("Customer", customer)["Balance"]) == -1706.5


@pytest.mark.parametrize("kind", ["JournalEntry", "Check", "Deposit"])
def test_an_entry_lowers_the_balance_and_closes_an_invoice_without_money(
    client: FlaskClient, api: Api, customer: str, kind: str
) -> None:
    made = api.invoice("1000", customer=customer)
    assert lower(client, customer, kind=kind, amount="400") == 303
    assert float(api.read("Customer", customer)["Balance"]) == 600
    assert lower(client, customer, kind=kind, amount="600", invoice=made["Id"]) == 303
    invoice = api.read("Invoice", made["Id"])
    assert (float(invoice["Balance"]), float(api.read("Customer", customer)["Balance"])) == (400, 0)
    payment = api.read("Payment", invoice["LinkedTxn"][0]["TxnId"])
    assert payment["TotalAmt"] == 0
    assert [line["LinkedTxn"][0]["TxnType"] for line in payment["Line"]] == ["Invoice", kind]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"kind": "Payment", "amount": "x"}, 400),
        ({"kind": "Check", "amount": "0"}, 400),
        ({"kind": "Check", "amount": "5", "invoice": "999999"}, 400),
        ({"kind": "Magic", "amount": "5"}, 400),
        ({"kind": "Payment", "amount": "5", "effect": "raises"}, 400),
        ({"kind": "Deposit", "amount": "5", "effect": "raises"}, 400),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    client: FlaskClient, api: Api, customer: str, form: dict[str, str], status: int
) -> None:
    assert lower(client, customer, **form) == status
    assert float(api.read("Customer", customer)["Balance"]) == 0


@pytest.mark.parametrize("kind", ["JournalEntry", "Check", "Expense"])
def test_an_entry_can_raise_what_a_customer_owes(client: FlaskClient, api: Api, customer: str, kind: str) -> None:
    assert lower(client, customer, kind=kind, amount="33.30", effect="raises") == 303
    assert float(api.read("Customer", customer)["Balance"]) == 33.3
    row = api.report("AgedReceivableDetail", customer=customer)["Rows"]["Row"][0]["Rows"]["Row"][0]["ColData"]
    assert row[-1]["value"] == "33.30"


def test_a_refund_receipt_gives_money_back_and_changes_no_balance(client: FlaskClient, api: Api, customer: str) -> None:
    assert client.post(f"/customers/{customer}/refund", data={"amount": "120.50"}).status_code == 303
    (made,) = api.query(f"select * from RefundReceipt where CustomerRef = '{customer}'")["RefundReceipt"]
    assert (float(made["TotalAmt"]), made["Balance"]) == (120.5, 0)
    assert api.read("Customer", customer)["Balance"] == 0
    assert api.report("AgedReceivableDetail", customer=customer)["Rows"] == {}
    assert client.post(f"/customers/{customer}/refund", data={"amount": "none"}).status_code == 400


def test_a_merge_moves_all_documents_and_leaves_an_inactive_customer(
    client: FlaskClient, api: Api, clock: MovableClock, customer: str
) -> None:
    bill = api.invoice("1000", customer=customer)
    lower(client, customer, kind="JournalEntry", amount="400", invoice=bill["Id"])
    lower(client, customer, kind="Check", amount="50")
    lower(client, customer, kind="Payment", amount="20")
    kept = api.write("Customer", {"DisplayName": "Kept Ltd"})["Id"]
    clock.advance(minutes=10)
    assert client.post(f"/customers/{customer}/merge", data={"into": kept}).status_code == 303
    gone, target = api.read("Customer", customer), api.read("Customer", kept)
    assert (gone["Active"], gone["DisplayName"], gone["Balance"]) == (False, "Lowered Ltd (deleted)", 0)
    assert float(target["Balance"]) == 530
    moved = api.read("Invoice", bill["Id"])
    assert moved["CustomerRef"] == {"value": kept, "name": "Kept Ltd"}
    # The document moves without an event of its own.
    assert moved["MetaData"] == {**bill["MetaData"], "LastUpdatedTime": moved["MetaData"]["LastUpdatedTime"]}
    assert moved["MetaData"]["LastUpdatedTime"] < target["MetaData"]["LastUpdatedTime"]
    rows = api.report("AgedReceivableDetail", customer=kept)["Rows"]["Row"]
    assert sorted(one["ColData"][-1]["value"] for one in rows[0]["Rows"]["Row"]) == ["-20.00", "-50.00", "600.00"]
    assert api.report("AgedReceivableDetail", customer=customer)["Rows"] == {}


def test_a_merge_is_told_as_one_event(client: FlaskClient, api: Api, store: Store, customer: str) -> None:
    kept = api.write("Customer", {"DisplayName": "Kept Ltd"})["Id"]
    api.invoice(customer=customer)
    store.connection().execute("DELETE FROM events")
    client.post(f"/customers/{customer}/merge", data={"into": kept})
    told = store.connection().execute("SELECT entity, id, operation, merged_id FROM events").fetchall()
    assert [tuple(row) for row in told] == [("Customer", kept, "Merge", customer)]


def test_a_merge_can_delete_the_merged_customer(client: FlaskClient, api: Api, customer: str) -> None:
    client.post("/control/rules", data={"name": "merge_deletes_customer", "on": "on"})
    kept = api.write("Customer", {"DisplayName": "Kept Ltd"})["Id"]
    client.post(f"/customers/{customer}/merge", data={"into": kept})
    assert api.get(f"/customer/{customer}").get_json()["Fault"]["Error"][0]["code"] == "610"
    parameters = {"entities": "Customer", "changedSince": "2026-11-20"}
    answer = api.get("/cdc", query_string=parameters).get_json()["CDCResponse"][0]["QueryResponse"][0]
    assert [one["Id"] for one in answer["Customer"] if one.get("status") == "Deleted"] == [customer]


@pytest.mark.parametrize("into", ["itself", "12", "999999", ""])
def test_customers_that_do_not_fit_are_not_merged(client: FlaskClient, api: Api, customer: str, into: str) -> None:
    into = customer if into == "itself" else into
    assert client.post(f"/customers/{customer}/merge", data={"into": into}).status_code == 400
    assert api.read("Customer", customer)["Active"] is True


def test_a_customer_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    assert lower(client, "999999", kind="Payment", amount="5") == 404


def test_pages_show_documents_without_a_currency(client: FlaskClient, api: Api) -> None:
    client.post("/control/rules", data={"name": "leave_out_currency", "on": "on"})
    customer = api.write("Customer", {"DisplayName": "No Currency Ltd"})
    made = api.invoice(customer=customer["Id"])
    assert "CurrencyRef" not in {**customer, **made}
    for path in ("/", "/invoices", f"/invoices/{made['Id']}", "/invoices/new", "/customers"):
        assert client.get(path).status_code == 200


def test_a_deposit_is_entered_with_a_new_invoice(client: FlaskClient, api: Api) -> None:
    form = {"customer": "4", "item-1": "1", "price-1": "800", "deposit": "500"}
    made = client.post("/invoices/new", data=form).headers["Location"].split("/invoices/")[1].split("?")[0]
    invoice = api.read("Invoice", made)
    assert (float(invoice["Deposit"]), float(invoice["Balance"])) == (500, 300)
