"""Payments, credit memos and voids in the sandbox update balances and links."""

from decimal import Decimal
from typing import Any

import pytest

from quickbooks_app.sandbox.runtime.faults import Faults
from tests.functional.quickbooks_app.sandbox.conftest import Api, MovableClock, sales_line


def known(document: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Id": document["Id"], "SyncToken": document["SyncToken"], **fields}


def balance_of(api: Api, customer: str = "8") -> Decimal:
    return Decimal(api.read("Customer", customer)["Balance"])


def test_a_payment_lowers_the_invoice_and_what_the_customer_owes(api: Api, clock: MovableClock) -> None:
    owed = balance_of(api)
    invoice = api.invoice("100.00", customer="8")
    assert balance_of(api) == owed + 100
    clock.advance(minutes=3)
    payment = api.pay(invoice, "60.25")
    after = api.read("Invoice", invoice["Id"])
    assert after["Balance"] == Decimal("39.75")
    assert after["TotalAmt"] == 100
    assert after["LinkedTxn"] == [{"TxnId": payment["Id"], "TxnType": "Payment"}]
    # As recorded from QuickBooks: a payment keeps the SyncToken but updates LastUpdatedTime.
    assert after["SyncToken"] == invoice["SyncToken"]
    assert after["MetaData"]["LastUpdatedTime"] > invoice["MetaData"]["LastUpdatedTime"]
    assert balance_of(api) == owed + Decimal("39.75")


def test_a_payment_says_what_each_invoice_got(api: Api) -> None:
    first, second = api.invoice("30", customer="8"), api.invoice("70", customer="8")
    payment = api.write(
        "Payment",
        {
            "CustomerRef": {"value": "8"},
            "TotalAmt": 120,
            "Line": [
                {"Amount": 30, "LinkedTxn": [{"TxnId": first["Id"], "TxnType": "Invoice"}]},
                {"Amount": 50, "LinkedTxn": [{"TxnId": second["Id"], "TxnType": "Invoice"}]},
            ],
        },
    )
    assert payment["UnappliedAmt"] == 40
    names = [one["value"]["Name"] for one in payment["Line"][0]["LineEx"]["any"]]
    assert names == ["txnId", "txnOpenBalance", "txnReferenceNumber"]
    assert api.read("Invoice", first["Id"])["Balance"] == 0
    assert api.read("Invoice", second["Id"])["Balance"] == 20


@pytest.mark.parametrize(("amount", "total"), [("100.01", "100.01"), ("50", "40")])
def test_more_than_there_is_cannot_be_applied(api: Api, amount: str, total: str) -> None:
    invoice = api.invoice("100.00", customer="8")
    linked = {"Amount": float(amount), "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
    body = {"CustomerRef": {"value": "8"}, "TotalAmt": float(total), "Line": [linked]}
    assert api.refused("/payment", body)["code"] == "6000"
    assert api.read("Invoice", invoice["Id"]) == invoice


def test_another_customers_invoice_cannot_be_paid(api: Api) -> None:
    invoice = api.invoice(customer="8")
    linked = {"Amount": 5, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
    assert api.refused("/payment", {"CustomerRef": {"value": "1"}, "TotalAmt": 5, "Line": [linked]})["code"] == "2500"


def test_a_parent_can_pay_for_its_job(api: Api) -> None:
    invoice = api.invoice("90", customer="6")
    linked = {"Amount": 90, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
    api.write("Payment", {"CustomerRef": {"value": "5"}, "TotalAmt": 90, "Line": [linked]})
    assert api.read("Invoice", invoice["Id"])["Balance"] == 0


def test_a_changed_payment_moves_only_the_difference(api: Api) -> None:
    invoice = api.invoice("100", customer="8")
    payment = api.pay(invoice, "60")
    linked = {"Amount": 25, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
    changed = api.write("Payment", known(payment, sparse=True, Line=[linked]))
    assert changed["UnappliedAmt"] == 35
    assert api.read("Invoice", invoice["Id"])["Balance"] == 75


def test_deleting_a_payment_opens_the_invoice_again(api: Api) -> None:
    owed = balance_of(api)
    invoice = api.invoice("100", customer="8")
    payment = api.pay(invoice, "100", total="130")
    assert balance_of(api) == owed - 30
    api.write("Payment", known(payment), "?operation=delete")
    after = api.read("Invoice", invoice["Id"])
    assert after["Balance"] == 100
    assert after["LinkedTxn"] == []
    assert balance_of(api) == owed + 100


@pytest.mark.parametrize("params", ["?operation=update&include=void", "?operation=void"])
def test_voiding_a_payment_empties_it_and_opens_the_invoice(api: Api, params: str) -> None:
    invoice = api.invoice("100", customer="8")
    payment = api.pay(invoice, "100")
    void = api.write("Payment", known(payment, sparse=True), params)
    assert (void["TotalAmt"], void["UnappliedAmt"], void["Line"]) == (0, 0, [])
    assert void["PrivateNote"] == "Voided"
    assert api.read("Invoice", invoice["Id"])["Balance"] == 100


def test_a_void_invoice_keeps_its_name_and_loses_its_amounts(api: Api) -> None:
    owed = balance_of(api)
    made = api.invoice("250", customer="8", PrivateNote="Wrong blend", TxnTaxDetail={"TotalTax": 20}, DocNumber="V-1")
    void = api.write("Invoice", known(made), "?operation=void")
    assert (void["TotalAmt"], void["Balance"], void["TxnTaxDetail"]["TotalTax"]) == (0, 0, 0)
    assert {line["Amount"] for line in void["Line"]} == {0}
    assert void["PrivateNote"].startswith("Voided")
    assert "Wrong blend" in void["PrivateNote"]
    assert void["SyncToken"] == "1"
    for key in ("DocNumber", "CustomerRef", "TxnDate", "DueDate"):
        assert void[key] == made[key]
    assert balance_of(api) == owed


@pytest.mark.parametrize("operation", ["void", "delete"])
def test_an_invoice_with_payments_is_held_fast_by_default(api: Api, operation: str) -> None:
    invoice = api.invoice("100", customer="8")
    api.pay(invoice, "60")
    error = api.refused(f"/invoice?operation={operation}", known(invoice))
    assert error["code"] == "6000"
    assert api.read("Invoice", invoice["Id"])["Balance"] == 40


@pytest.mark.parametrize("operation", ["void", "delete"])
def test_an_invoice_gives_its_payments_back_when_that_is_allowed(api: Api, faults: Faults, operation: str) -> None:
    faults.set_rule("refuse_void_of_paid", on=False)
    owed = balance_of(api)
    invoice = api.invoice("100", customer="8")
    payment = api.pay(invoice, "60")
    api.write("Invoice", known(invoice), f"?operation={operation}")
    after = api.read("Payment", payment["Id"])
    assert after["UnappliedAmt"] == 60
    assert after["Line"] == []
    assert balance_of(api) == owed - 60


def test_an_invoice_made_smaller_than_its_payments_gives_back_the_rest(api: Api) -> None:
    owed = balance_of(api)
    invoice = api.invoice("100", customer="8")
    payment = api.pay(invoice, "80")
    smaller = api.write("Invoice", known(invoice, sparse=True, Line=[sales_line("50")]))
    assert (smaller["TotalAmt"], smaller["Balance"]) == (50, 0)
    after = api.read("Payment", payment["Id"])
    assert after["Line"][0]["Amount"] == 50
    assert after["UnappliedAmt"] == 30
    assert balance_of(api) == owed - 30


def test_a_credit_is_applied_by_a_payment_of_nothing(api: Api) -> None:
    owed = balance_of(api)
    invoice = api.invoice("100", customer="8")
    credit = api.write("CreditMemo", {"CustomerRef": {"value": "8"}, "Line": [sales_line("30")]})
    assert credit["RemainingCredit"] == credit["Balance"] == 30
    links = [(invoice["Id"], "Invoice"), (credit["Id"], "CreditMemo")]
    lines = [{"Amount": 30, "LinkedTxn": [{"TxnId": id, "TxnType": kind}]} for id, kind in links]
    payment = api.write("Payment", {"CustomerRef": {"value": "8"}, "TotalAmt": 0, "Line": lines})
    assert (payment["TotalAmt"], payment["UnappliedAmt"]) == (0, 0)
    assert api.read("Invoice", invoice["Id"])["Balance"] == 70
    assert api.read("CreditMemo", credit["Id"])["RemainingCredit"] == 0
    assert balance_of(api) == owed + 70


def test_a_parent_shows_what_its_jobs_owe(api: Api) -> None:
    before = api.read("Customer", "5")
    api.invoice("75", customer="6")
    after = api.read("Customer", "5")
    assert after["Balance"] == before["Balance"]
    assert after["BalanceWithJobs"] == before["BalanceWithJobs"] + 75
