"""The control page for customers, and the switch for documents without a currency."""

import pytest
from flask.testing import FlaskClient

from tests.functional.quickbooks_app.sandbox.conftest import Api


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
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    client: FlaskClient, api: Api, customer: str, form: dict[str, str], status: int
) -> None:
    assert lower(client, customer, **form) == status
    assert float(api.read("Customer", customer)["Balance"]) == 0


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
