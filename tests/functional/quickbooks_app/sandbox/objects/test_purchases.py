"""What a company buys: bills, their payments, credits, orders, charges to customers, and what vendors are owed."""

from decimal import Decimal
from typing import Any

import pytest

from tests.functional.quickbooks_app.sandbox.conftest import Api, sales_line
from tests.functional.quickbooks_app.sandbox.objects.bodies import by_account, by_item, journal, ref

Body = dict[str, Any]


@pytest.fixture
def vendor(api: Api) -> str:
    address = {"Line1": "8 Tin Lane", "City": "Salem", "CountrySubDivisionCode": "OR", "PostalCode": "97301"}
    return str(api.write("Vendor", {"DisplayName": "Tin Roof Supplies", "BillAddr": address})["Id"])


def bill(api: Api, vendor: str, amount: float = 100, **more: Any) -> Body:
    return api.write("Bill", {"VendorRef": ref(vendor), "Line": [by_account(amount)], **more})


def pay(api: Api, vendor: str, total: float, *links: tuple[str, str, float]) -> Body:
    lines = [{"Amount": amount, "LinkedTxn": [{"TxnType": kind, "TxnId": id}]} for kind, id, amount in links]
    body = {"VendorRef": ref(vendor), "PayType": "Check", "TotalAmt": total, "Line": lines}
    return api.write("BillPayment", body)


def owed(api: Api, vendor: str) -> Decimal:
    return Decimal(api.read("Vendor", vendor)["Balance"])


def known(document: Body, **more: Any) -> Body:
    return {"Id": document["Id"], "SyncToken": document["SyncToken"], "sparse": True, **more}


def test_a_bill_is_owed_until_it_is_paid(api: Api, vendor: str) -> None:
    made = bill(api, vendor, SalesTermRef=ref("3"), TxnDate="2026-11-02")
    assert (made["Balance"], made["TotalAmt"], made["DueDate"]) == (100, 100, "2026-12-02")
    assert made["APAccountRef"] == {"value": "33", "name": "Accounts Payable (A/P)"}
    assert made["VendorAddr"] == api.read("Vendor", vendor)["BillAddr"]
    paid = pay(api, vendor, 60, ("Bill", made["Id"], 60))
    assert paid["CheckPayment"]["BankAccountRef"] == {"value": "35", "name": "Checking"}
    made = api.read("Bill", made["Id"])
    assert (made["Balance"], made["LinkedTxn"]) == (40, [{"TxnId": paid["Id"], "TxnType": "BillPaymentCheck"}])
    assert owed(api, vendor) == 40
    assert api.refused("/bill?operation=delete", known(made))["code"] == "6000"
    api.write("BillPayment", known(paid), "?operation=update&include=void")
    assert (api.read("Bill", made["Id"])["Balance"], owed(api, vendor)) == (100, 100)


def test_a_credit_and_a_payment_together_pay_a_bill(api: Api, vendor: str) -> None:
    made, credit = bill(api, vendor), api.write("VendorCredit", {"VendorRef": ref(vendor), "Line": [by_account(30)]})
    assert owed(api, vendor) == 70
    pay(api, vendor, 70, ("Bill", made["Id"], 100), ("VendorCredit", credit["Id"], 30))
    assert (owed(api, vendor), api.read("VendorCredit", credit["Id"])["Balance"]) == (0, 0)
    assert api.refused("/vendorcredit", known(credit | {"SyncToken": "0"}, Line=[by_account(29)]))["code"] == "6000"


def test_what_is_paid_beyond_the_bills_is_a_credit_with_the_vendor(api: Api, vendor: str) -> None:
    made = bill(api, vendor)
    pay(api, vendor, 130, ("Bill", made["Id"], 100))
    assert owed(api, vendor) == -30
    api.write("Bill", known(api.read("Bill", made["Id"]), Line=[by_account(80)]))
    assert owed(api, vendor) == -50


@pytest.mark.parametrize(
    ("amount", "total", "code"), [(100.01, 200, "6000"), (50, 40, "6000"), (-1, 10, "6000"), (5, -5, "6000")]
)
def test_a_payment_that_does_not_add_up_is_refused(
    api: Api, vendor: str, amount: float, total: float, code: str
) -> None:
    line = {"Amount": amount, "LinkedTxn": [{"TxnType": "Bill", "TxnId": bill(api, vendor)["Id"]}]}
    body = {"VendorRef": ref(vendor), "PayType": "Check", "TotalAmt": total, "Line": [line]}
    assert api.refused("/billpayment", body)["code"] == code


@pytest.mark.parametrize(
    ("url", "body", "code"),
    [
        ("/bill", {"VendorRef": ref("999"), "Line": [by_account(5)]}, "2500"),
        ("/bill", {"VendorRef": ref("30"), "Line": []}, "2020"),
        ("/bill", {"VendorRef": ref("30"), "Line": [by_account(5, account="999")]}, "2500"),
        ("/bill", {"VendorRef": ref("30"), "Line": [by_item(5, "999")]}, "2500"),
        ("/bill", {"VendorRef": ref("30"), "Line": [{"Amount": 5}]}, "2020"),
        ("/bill", {"Line": [by_account(5)]}, "2020"),
        ("/billpayment", {"VendorRef": ref("30"), "PayType": "Cash", "TotalAmt": 1}, "2170"),
        (
            "/billpayment",
            {
                "VendorRef": ref("30"),
                "PayType": "Check",
                "TotalAmt": 1,
                "CheckPayment": {"BankAccountRef": ref("41")},
            },
            "6000",
        ),
        ("/purchase", {"PaymentType": "Check", "AccountRef": ref("41"), "Line": [by_account(5)]}, "6430"),
        ("/transfer", {"FromAccountRef": ref("35"), "ToAccountRef": ref("35"), "Amount": 5}, "6000"),
        ("/transfer", {"FromAccountRef": ref("35"), "ToAccountRef": ref("11"), "Amount": 5}, "6430"),
        ("/transfer", {"FromAccountRef": ref("35"), "ToAccountRef": ref("36"), "Amount": 0}, "2080"),
        ("/timeactivity", {"NameOf": "Employee", "Hours": 1}, "2020"),
        ("/timeactivity", {"NameOf": "Machine", "Hours": 1}, "2170"),
        ("/journalentry", {"Line": [journal("Debit", "11"), journal("Credit", "33")]}, "6000"),
    ],
)
def test_a_purchase_that_makes_no_sense_is_refused(api: Api, url: str, body: Body, code: str) -> None:
    assert api.refused(url, body)["code"] == code


def test_a_bill_of_an_order_closes_it_and_its_deletion_opens_it_again(api: Api, vendor: str) -> None:
    order = api.write("PurchaseOrder", {"VendorRef": ref(vendor), "Line": [by_account(50)]})
    assert (order["POStatus"], owed(api, vendor)) == ("Open", 0)
    assert order["ShipAddr"]["Line1"] == "418 SE Water Avenue"
    line = {**by_account(50), "LinkedTxn": [{"TxnId": order["Id"], "TxnType": "PurchaseOrder", "TxnLineId": "1"}]}
    made = api.write("Bill", {"VendorRef": ref(vendor), "Line": [line]})
    closed = api.read("PurchaseOrder", order["Id"])
    assert (closed["POStatus"], closed["LinkedTxn"]) == ("Closed", [{"TxnId": made["Id"], "TxnType": "Bill"}])
    api.write("Bill", known(made), "?operation=delete")
    opened = api.read("PurchaseOrder", order["Id"])
    assert (opened["POStatus"], opened["LinkedTxn"]) == ("Open", [])


def test_a_billable_expense_is_charged_to_the_customer(api: Api, vendor: str) -> None:
    line = by_account(45, CustomerRef=ref("4"), BillableStatus="Billable")
    made = bill(api, vendor, Line=[line, by_account(5)])
    (charge,) = api.query("select * from ReimburseCharge where CustomerRef = '4'")["ReimburseCharge"]
    assert (charge["Amount"], charge["HasBeenInvoiced"]) == (45, False)
    link = {"TxnId": charge["Id"], "TxnType": "ReimburseCharge"}
    invoice = api.invoice("45", customer="4", LinkedTxn=[link])
    assert api.read("ReimburseCharge", charge["Id"])["HasBeenInvoiced"] is True
    api.write("Invoice", known(invoice), "?operation=void")
    api.write("Bill", known(made), "?operation=delete")
    assert "ReimburseCharge" not in api.query("select * from ReimburseCharge where CustomerRef = '4'")


def test_an_invoice_of_an_estimate_closes_it(api: Api) -> None:
    sold = {"CustomerRef": ref("4"), "Line": [sales_line("70")]}
    estimate = api.write("Estimate", sold)
    assert (estimate["TxnStatus"], "Balance" in estimate) == ("Pending", False)
    line = {**sales_line("70"), "LinkedTxn": [{"TxnId": estimate["Id"], "TxnType": "Estimate"}]}
    invoice = api.write("Invoice", {"CustomerRef": ref("4"), "Line": [line]})
    assert invoice["LinkedTxn"] == [{"TxnId": estimate["Id"], "TxnType": "Estimate"}]
    assert api.read("Estimate", estimate["Id"])["TxnStatus"] == "Closed"
    api.write("Invoice", known(invoice), "?operation=delete")
    assert api.read("Estimate", estimate["Id"])["TxnStatus"] == "Pending"


def test_money_in_the_bank_cannot_be_changed_under_its_deposit(api: Api) -> None:
    invoice = api.invoice("90")
    paid = api.pay(invoice, "90")
    taken = {"Amount": 1, "LinkedTxn": [{"TxnId": paid["Id"], "TxnType": "Payment", "TxnLineId": "0"}]}
    deposit = api.write("Deposit", {"DepositToAccountRef": ref("35"), "Line": [taken]})
    assert deposit["TotalAmt"] == 90
    paid = api.read("Payment", paid["Id"])
    assert paid["LinkedTxn"] == [{"TxnId": deposit["Id"], "TxnType": "Deposit"}]
    assert api.refused("/payment?operation=void", known(paid))["code"] == "6540"
    assert api.refused("/payment?operation=delete", known(paid))["code"] == "6540"
    assert api.refused("/deposit", {"DepositToAccountRef": ref("35"), "Line": [taken]})["code"] == "6540"
    paid = api.write("Payment", known(paid, PrivateNote="Remembered"))
    api.write("Deposit", known(deposit), "?operation=delete")
    api.write("Payment", known(api.read("Payment", paid["Id"])), "?operation=void")
    assert api.read("Invoice", invoice["Id"])["Balance"] == 90
