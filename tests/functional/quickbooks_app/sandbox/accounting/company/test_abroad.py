"""Companies outside of the US: taxes by line, prices with and without them, journal codes and tax payments."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from quickbooks_app.sandbox.oauth.tokens import Tokens
from tests.functional.quickbooks_app.sandbox.conftest import Api, sales_line
from tests.functional.quickbooks_app.sandbox.reports.test_agreement import PERIOD, cell, every_row, total


@pytest.fixture
def open_in(client: FlaskClient, give_tokens: Callable[..., Tokens]) -> Callable[[str], Api]:
    """Open a company in a country and connect an app to it."""

    def open_in(country: str) -> Api:
        realm = client.post("/control/companies", data={"country": country}).text
        return Api(client=client, token=give_tokens(realm=realm).access, realm=realm)

    return open_in


@pytest.fixture
def french(open_in: Callable[[str], Api]) -> Api:
    return open_in("FR")


def taxed(amount: str, code: str = "2", **detail: Any) -> dict[str, Any]:
    return sales_line(amount, TaxCodeRef={"value": code}, **detail)


def sold(api: Api, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return api.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": list(lines), **more})


def test_each_line_is_taxed_by_its_code(french: Api) -> None:
    made = sold(french, taxed("100"), taxed("50"), taxed("10", "3"), taxed("7", "5"))
    assert (made["GlobalTaxCalculation"], made["TotalAmt"]) == ("TaxExcluded", Decimal("198.00"))
    found = [
        (line["TaxLineDetail"]["TaxPercent"], line["TaxLineDetail"]["NetAmountTaxable"], line["Amount"])
        for line in made["TxnTaxDetail"]["TaxLine"]
    ]
    assert found == [(20, 150, 30), (10, 10, 1), (0, 7, 0)]
    assert "TxnTaxCodeRef" not in made["TxnTaxDetail"]


@pytest.mark.parametrize("line", [taxed("120"), taxed("100", TaxInclusiveAmt=120)])
def test_a_price_may_include_its_tax(french: Api, line: dict[str, Any]) -> None:
    made = sold(french, line, GlobalTaxCalculation="TaxInclusive")
    assert (made["TotalAmt"], made["TxnTaxDetail"]["TotalTax"], made["Line"][0]["Amount"]) == (120, 20, 100)
    assert made["Line"][0]["SalesItemLineDetail"]["TaxInclusiveAmt"] == 120
    changed = french.write("Invoice", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "x"})
    assert (changed["TotalAmt"], changed["Line"][0]["Amount"]) == (120, 100)


def test_no_cent_is_lost_between_price_and_tax(french: Api) -> None:
    made = sold(french, taxed("9.99"), taxed("9.99"), taxed("0.05"), GlobalTaxCalculation="TaxInclusive")
    assert made["TotalAmt"] == Decimal("20.03")


def test_a_form_may_know_no_tax(french: Api) -> None:
    made = sold(french, taxed("100"), sales_line("5"), GlobalTaxCalculation="NotApplicable")
    assert (made["TotalAmt"], made["TxnTaxDetail"]["TotalTax"]) == (105, 0)
    assert "TaxCodeRef" not in made["Line"][0]["SalesItemLineDetail"]


@pytest.mark.parametrize(
    ("more", "line", "code"),
    [
        ({}, sales_line("5"), "6000"),
        ({}, taxed("5", "99"), "2500"),
        ({}, taxed("5", "TAX"), "2500"),
        ({"GlobalTaxCalculation": "TaxPerhaps"}, taxed("5"), "2170"),
        ({"GlobalTaxCalculation": "TaxInclusive"}, taxed("5", TaxInclusiveAmt="much"), "2080"),
    ],
)
def test_what_has_no_tax_code_is_refused(french: Api, more: dict[str, Any], line: dict[str, Any], code: str) -> None:
    assert french.refused("/invoice", {"CustomerRef": {"value": "1"}, "Line": [line], **more})["code"] == code


def test_purchases_are_taxed_by_the_rates_of_purchases(french: Api) -> None:
    detail = {"AccountRef": {"value": "7"}, "TaxCodeRef": {"value": "2"}}
    line = {"Amount": 60, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": detail}
    vendor = french.query("SELECT * FROM Vendor")["Vendor"][0]["Id"]
    bill = french.write("Bill", {"VendorRef": {"value": vendor}, "Line": [line]})
    spent = french.write("Purchase", {"PaymentType": "Check", "AccountRef": {"value": "35"}, "Line": [line]})
    for made in (bill, spent):
        (tax,) = made["TxnTaxDetail"]["TaxLine"]
        assert (made["TotalAmt"], tax["TaxLineDetail"]["TaxRateRef"]["value"]) == (72, "3")


@pytest.mark.parametrize("country", ["FR", "AU", "GB", "CA"])
def test_its_books_balance_in_its_own_currency(open_in: Callable[[str], Api], country: str) -> None:
    api = open_in(country)
    trial, sheet = api.report("TrialBalance", **PERIOD), api.report("BalanceSheet", **PERIOD)
    assert total(trial, "GrandTotal", "debit") == total(trial, "GrandTotal", "credit") > 0
    assert total(sheet, "TotalAssets") == total(sheet, "TotalLiabilitiesAndEquity")
    currency = {"FR": "EUR", "AU": "AUD", "GB": "GBP", "CA": "CAD"}[country]
    assert sheet["Header"]["Currency"] == currency
    assert api.query("SELECT * FROM Invoice")["Invoice"][0]["CurrencyRef"]["value"] == currency
    assert api.query("SELECT * FROM CompanyInfo")["CompanyInfo"][0]["Country"] == country


def test_a_tax_code_made_by_the_tax_service_charges(french: Api) -> None:
    rate = {"TaxRateName": "Corse", "RateValue": "2.1", "TaxAgencyId": "1", "TaxApplicableOn": "Sales"}
    code = french.post("/taxservice/taxcode", {"TaxCode": "Corse", "TaxRateDetails": [rate]}).get_json()["TaxCodeId"]
    assert sold(french, taxed("100", code))["TotalAmt"] == Decimal("102.10")


def test_a_journal_code_keeps_its_type_and_its_name_is_its_own(french: Api) -> None:
    made = french.write("JournalCode", {"Name": "NF", "Type": "Expenses"})
    head = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    assert french.refused("/journalcode", {**head, "Type": "Sales"})["code"] == "6000"
    assert french.refused("/journalcode", {"Name": "nf"})["code"] == "6240"
    assert french.refused("/journalcode", {"Name": "ZZ", "Type": "Hope"})["code"] == "2170"
    assert french.write("JournalCode", {**head, "Active": False})["Active"] is False
    side = {"PostingType": "Debit", "AccountRef": {"value": "8"}}
    lines = [
        {"Amount": 5, "JournalEntryLineDetail": side},
        {"Amount": 5, "JournalEntryLineDetail": {"PostingType": "Credit", "AccountRef": {"value": "35"}}},
    ]
    entry = french.write("JournalEntry", {"Line": lines, "JournalCodeRef": {"value": "1"}})
    assert entry["JournalCodeRef"] == {"value": "1", "name": "VE"}
    assert french.refused("/journalentry", {"Line": lines, "JournalCodeRef": {"value": "99"}})["code"] == "2500"


def test_a_french_company_has_the_reports_of_its_law(french: Api, api: Api) -> None:
    report = french.report("FECReport", **PERIOD)
    sums = {
        key: sum(Decimal(cell(report, row["ColData"], key)) for row in every_row(report)) for key in ("Debit", "Credit")
    }
    assert sums["Debit"] == sums["Credit"] > 0
    assert {cell(report, row["ColData"], "JournalCode") for row in every_row(report)} == {"VE", "HA", "BQ"}
    for name in ("TrialBalance", "GeneralLedger", "JournalReport"):
        found = french.report(f"{name}FR", **PERIOD)
        assert found["Header"]["ReportName"] == f"{name}FR"
        assert found["Rows"] == french.report(name, **PERIOD)["Rows"]
    for name in ("FECReport", "TrialBalanceFR"):
        assert api.get(f"/reports/{name}").get_json()["Fault"]["Error"][0]["code"] == "5020"


def test_a_tax_payment_lowers_what_is_owed(open_in: Callable[[str], Api]) -> None:
    api = open_in("AU")
    payments = api.query("SELECT * FROM TaxPayment ORDERBY PaymentDate")["TaxPayment"]
    assert [(one["PaymentAmount"], one["Refund"]) for one in payments] == [(180, False), (Decimal("22.50"), True)]
    ledger = api.report("GeneralLedger", **PERIOD, account="90")
    paid = [row for row in every_row(ledger) if "ColData" in row and row["ColData"][1]["value"] == "Tax Payment"]
    assert [cell(ledger, row["ColData"], "subt_nat_amount") for row in paid] == ["-180.00", "22.50"]
    assert api.post("/taxpayment", {"PaymentAmount": 1}).get_json()["Fault"]["Error"][0]["code"] == "500"
    assert api.get("/journalcode/1").get_json()["Fault"]["Error"][0]["code"] == "500"


def test_a_country_that_is_not_known_opens_no_company(client: FlaskClient) -> None:
    assert client.post("/control/companies", data={"country": "XX"}).status_code == 400
    page = client.post(
        "/control/companies", data={"country": "AU"}, headers={"Accept": "text/html"}, follow_redirects=True
    )
    assert "Wattle Street Joinery" in page.text
