"""Lists and references: names, what happens when they change, stock, and bundles."""

from decimal import Decimal
from typing import Any

import pytest

from tests.functional.quickbooks_app.sandbox.conftest import Api, sales_line
from tests.functional.quickbooks_app.sandbox.objects.bodies import STOCK, by_account, by_item, ref

Body = dict[str, Any]


def known(document: Body, **more: Any) -> Body:
    return {"Id": document["Id"], "SyncToken": document["SyncToken"], "sparse": True, **more}


def stock(api: Api) -> Body:
    return api.write("Item", STOCK)


def cost_of_goods(api: Api) -> Decimal:
    return Decimal(api.read("Account", "80")["CurrentBalance"])


def test_customers_vendors_and_employees_share_their_names(api: Api) -> None:
    vendor = api.write("Vendor", {"DisplayName": "Sable & Co"})
    for url in ("/customer", "/employee", "/vendor"):
        assert api.refused(url, {"DisplayName": "sable & CO"})["code"] == "6240"
    api.write("Vendor", known(vendor, Active=False))
    assert api.write("Customer", {"DisplayName": "Sable & Co"})["Active"] is True


@pytest.mark.parametrize(
    ("url", "body", "code"),
    [
        ("/account", {"Name": "Checking", "AccountType": "Bank"}, "6240"),
        ("/account", {"Name": "More", "AccountType": "Treasure"}, "2170"),
        ("/account", {"Name": "More"}, "2020"),
        ("/account", {"Name": 'A "quoted" one', "AccountType": "Bank"}, "2080"),
        ("/class", {"Name": "Wholesale"}, "6240"),
        ("/class", {"Name": "A:B"}, "2080"),
        ("/class", {"Name": "New", "ParentRef": ref("999")}, "2500"),
        ("/taxagency", {"DisplayName": "Oregon Department of Revenue"}, "6240"),
        ("/companycurrency", {"Code": "EUR"}, "6240"),
        ("/companycurrency", {"Code": "XXX"}, "2080"),  # ISO 4217's code for no currency
        ("/item", {"Name": "Kept", "Type": "Inventory", "TrackQtyOnHand": True}, "2020"),
        ("/item", {"Name": "Odd", "Type": "Weather"}, "2170"),
        ("/taxservice/taxcode", {"TaxCode": "New", "TaxRateDetails": [{"TaxRateId": "99"}]}, "2500"),
        ("/taxservice/taxcode", {"TaxCode": "New", "TaxRateDetails": [{"TaxRateName": "x"}]}, "2020"),
    ],
)
def test_a_list_refuses_what_it_cannot_hold(api: Api, url: str, body: Body, code: str) -> None:
    assert api.refused(url, body)["code"] == code


def test_an_account_stands_under_another_and_its_name_goes_everywhere(api: Api) -> None:
    top = api.write("Account", {"Name": "Vehicles", "AccountType": "Expense"})
    low = api.write("Account", {"Name": "Fuel", "AccountType": "Expense", "ParentRef": ref(top["Id"])})
    assert (low["SubAccount"], low["FullyQualifiedName"], low["Classification"]) == (True, "Vehicles:Fuel", "Expense")
    bill = api.write("Bill", {"VendorRef": ref("30"), "Line": [by_account(40, account=low["Id"])]})
    api.write("Account", known(top, Name="Vans"))
    line = api.read("Bill", bill["Id"])["Line"][0]["AccountBasedExpenseLineDetail"]
    assert line["AccountRef"] == {"value": low["Id"], "name": "Vans:Fuel"}
    assert api.read("Bill", bill["Id"])["SyncToken"] == bill["SyncToken"]
    low, top = api.read("Account", low["Id"]), api.read("Account", top["Id"])
    assert (low["CurrentBalance"], top["CurrentBalance"], top["CurrentBalanceWithSubAccounts"]) == (40, 0, 40)


def test_what_is_inactive_cannot_be_chosen_anew(api: Api) -> None:
    method = api.write("PaymentMethod", {"Name": "Barter"})
    paid = api.write("Payment", {"CustomerRef": ref("1"), "TotalAmt": 5, "PaymentMethodRef": ref(method["Id"])})
    gone = api.write("PaymentMethod", known(method, Active=False))
    assert gone["Name"] == "Barter (deleted)"
    assert api.write("Payment", known(paid, PrivateNote="Still so"))["PaymentMethodRef"]["value"] == method["Id"]
    body = {"CustomerRef": ref("1"), "TotalAmt": 5, "PaymentMethodRef": ref(method["Id"])}
    assert api.refused("/payment", body)["code"] == "610"
    assert api.refused("/payment", {**body, "PaymentMethodRef": ref("999")})["code"] == "2500"


def test_the_accounts_say_what_the_trial_balance_says(api: Api) -> None:
    api.invoice("120")
    rows = api.report("TrialBalance", start_date="2020-01-01", end_date="2026-12-31")["Rows"]["Row"][:-1]
    balance = {row["ColData"][0]["id"]: row["ColData"][1]["value"] or row["ColData"][2]["value"] for row in rows}
    found = api.query("select * from Account where Classification in ('Asset', 'Liability') maxresults 1000")
    told = {one["Id"]: str(abs(one["CurrentBalance"])) for one in found["Account"] if one["CurrentBalance"]}
    assert told.items() <= balance.items()
    assert api.query("select * from Account where CurrentBalance > '100000'")["Account"]


def test_what_is_sold_costs_what_was_paid_for_it_first(api: Api) -> None:
    """Ten at 4 are there, five more at 6 are bought; twelve sold cost 10 x 4 + 2 x 6."""
    item, before = stock(api), cost_of_goods(api)
    api.write("Bill", {"VendorRef": ref("30"), "Line": [by_item(30, item["Id"], Qty=5)]})
    invoice = api.invoice("0", Line=[sales_line("240", item=item["Id"], Qty=12)])
    assert api.read("Item", item["Id"])["QtyOnHand"] == 3
    assert cost_of_goods(api) - before == 52
    api.write("Invoice", known(invoice), "?operation=void")
    assert (api.read("Item", item["Id"])["QtyOnHand"], cost_of_goods(api)) == (15, before)


def test_a_quantity_sent_back_is_a_correction_of_stock(api: Api) -> None:
    item = stock(api)
    stale = api.read("Item", item["Id"])
    api.invoice("0", Line=[sales_line("40", item=item["Id"], Qty=2)])
    count = "select count(*) from InventoryAdjustment"
    before = api.query(count)["totalCount"]
    api.write("Item", {**known(stale), "sparse": False, **{key: stale[key] for key in STOCK}, "Description": "New"})
    assert (api.query(count)["totalCount"], api.read("Item", item["Id"])["QtyOnHand"]) == (before + 1, 10)
    item = api.read("Item", item["Id"])
    api.write("Item", known(item, Description="Newer"))
    assert api.query(count)["totalCount"] == before + 1


@pytest.mark.parametrize(("parameters", "account"), [("", "78"), ("?include=donotupdateaccountontxns", "79")])
def test_an_items_new_account_rewrites_what_was_sold_unless_asked_not_to(
    api: Api, parameters: str, account: str
) -> None:
    item = stock(api)
    invoice = api.invoice("0", Line=[sales_line("40", item=item["Id"])])
    detail = invoice["Line"][0]["SalesItemLineDetail"]
    assert detail["ItemAccountRef"] == {"value": "79", "name": "Sales of Product Income"}
    api.write("Item", known(api.read("Item", item["Id"]), IncomeAccountRef=ref("78")), parameters)
    after = api.read("Invoice", invoice["Id"])
    assert after["Line"][0]["SalesItemLineDetail"]["ItemAccountRef"]["value"] == account
    assert after["SyncToken"] == invoice["SyncToken"]


def test_a_bundle_expands_to_its_items(api: Api) -> None:
    line = {"DetailType": "GroupLineDetail", "GroupLineDetail": {"GroupItemRef": ref("11"), "Quantity": 2}}
    made = api.write("Invoice", {"CustomerRef": ref("1"), "Line": [line]})
    inner = made["Line"][0]["GroupLineDetail"]["Line"]
    quantities = [(one["SalesItemLineDetail"]["ItemRef"]["value"], one["SalesItemLineDetail"]["Qty"]) for one in inner]
    assert quantities == [("9", 2), ("8", 4), ("6", 6)]
    assert made["TotalAmt"] == 2 * 11800 + 4 * 2450 + 6 * 650
    assert made["Line"][0]["Amount"] == 0
    single = {**line, "GroupLineDetail": {"GroupItemRef": ref("1")}}
    assert api.refused("/invoice", {"CustomerRef": ref("1"), "Line": [single]})["code"] == "6000"


def test_replacing_a_payments_lines_detaches_its_credits(api: Api) -> None:
    invoice = api.invoice("100", customer="4")
    memo = api.write("CreditMemo", {"CustomerRef": ref("4"), "Line": [sales_line("30")]})
    on_invoice = {"Amount": 100, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
    on_memo = {"Amount": 30, "LinkedTxn": [{"TxnId": memo["Id"], "TxnType": "CreditMemo"}]}
    paid = api.write("Payment", {"CustomerRef": ref("4"), "TotalAmt": 70, "Line": [on_invoice, on_memo]})
    assert (paid["UnappliedAmt"], api.read("CreditMemo", memo["Id"])["RemainingCredit"]) == (0, 0)
    api.write("Payment", known(paid, Line=[{**on_invoice, "Amount": 70}]))
    assert api.read("CreditMemo", memo["Id"])["RemainingCredit"] == 30
    assert api.read("Invoice", invoice["Id"])["Balance"] == 30


def test_a_full_update_clears_what_it_does_not_send(api: Api) -> None:
    vendor = api.write("Vendor", {"DisplayName": "Plain Paper", "AcctNum": "7", "TermRef": ref("3")})
    full = {"Id": vendor["Id"], "SyncToken": vendor["SyncToken"], "DisplayName": "Plain Paper"}
    after = api.write("Vendor", full)
    assert ("AcctNum" in after, "TermRef" in after, after["Balance"]) == (False, False, 0)


def test_objects_carry_what_recorded_ones_carry(api: Api) -> None:
    made = api.invoice("80", customer="1", EmailStatus="EmailSent", BillEmail={"Address": "a@b.example"})
    assert {"Id", "Lat", "Long"} <= made["BillAddr"].keys()
    assert made["ShipFromAddr"] == {"Id": "1", "Line1": "418 SE Water Avenue", "Line2": "Portland, OR  97214"}
    assert made["DeliveryInfo"]["DeliveryType"] == "Email"
    assert made["MetaData"]["LastModifiedByRef"] == {"value": "9341457021722234"}
    assert made["Line"][0]["CustomExtensions"] == []
    again = api.write("Invoice", known(made, PrivateNote="Same place"))
    assert again["BillAddr"] == made["BillAddr"]
    customer, item = api.read("Customer", "1"), api.read("Item", "1")
    assert {"ClientEntityId", "V4IDPseudonym"} <= customer.keys()
    assert customer["BillAddr"] == made["BillAddr"]
    assert {"PurchaseCost", "TrackQtyOnHand", "DeferredRevenue", "QtyOnHand", "InvStartDate"} <= item.keys()
    assert item["IncomeAccountRef"] == {"value": "79", "name": "Sales of Product Income"}
    deposited = api.query("select * from Payment orderby TxnDate maxresults 1000")["Payment"]
    assert any(link["TxnType"] == "Deposit" for one in deposited for link in one["LinkedTxn"])


def test_a_tax_code_of_the_tax_service_taxes_an_invoice(api: Api) -> None:
    rates = [
        {"TaxRateName": name, "RateValue": rate, "TaxAgencyId": "1"} for name, rate in (("City", "1.5"), ("State", "4"))
    ]
    answer = api.post("/taxservice/taxcode", {"TaxCode": "Hood River", "TaxRateDetails": rates}).get_json()
    taxed = sales_line("200", TaxCodeRef=ref("TAX"))
    made = api.invoice("0", Line=[taxed], TxnTaxDetail={"TxnTaxCodeRef": ref(answer["TaxCodeId"])})
    assert (made["TxnTaxDetail"]["TotalTax"], made["TotalAmt"]) == (11, 211)
    assert [line["Amount"] for line in made["TxnTaxDetail"]["TaxLine"]] == [3, 8]


def test_a_currency_that_the_company_begins_to_use_has_its_accounts(api: Api) -> None:
    body = {"DisplayName": "Maple Roasters", "CurrencyRef": ref("CAD")}
    assert api.refused("/vendor", body)["code"] == "2500"
    assert api.write("CompanyCurrency", {"Code": "CAD"})["Name"] == "Canadian Dollar"
    vendor = api.write("Vendor", body)
    bill = api.write("Bill", {"VendorRef": ref(vendor["Id"]), "Line": [by_account(50)], "ExchangeRate": 0.7})
    assert bill["APAccountRef"]["name"] == "Accounts Payable (A/P) - CAD"
    (account,) = api.query("select * from Account where Name = 'Accounts Payable (A/P) - CAD'")["Account"]
    assert (account["CurrentBalance"], api.read("Vendor", vendor["Id"])["Balance"]) == (35, 50)
