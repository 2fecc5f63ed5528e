"""The sandbox answers for TrialBalance in Intuit's form, and its debits equal its credits."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from quickbooks_app.sandbox.data import generate
from quickbooks_app.sandbox.oauth import tokens
from tests.functional.quickbooks_app.sandbox.conftest import Api, sales_line

Report = dict[str, Any]


@pytest.fixture
def second(client: FlaskClient, give_tokens: Callable[..., tokens.Tokens]) -> Api:
    """The small company: one payment of 840, and five open invoices of 2026."""
    realm = generate.SECOND_REALM
    return Api(client=client, token=give_tokens(realm=realm).access, realm=realm)


def balances(report: Report) -> dict[str, tuple[str, str]]:
    rows = [row["ColData"] for row in report["Rows"].get("Row", []) if "ColData" in row]
    return {name["value"]: (debit["value"], credit["value"]) for name, debit, credit in rows}


def test_the_whole_report_has_intuits_form(second: Api) -> None:
    report = second.report("TrialBalance")
    assert report["Header"] == {
        "Time": "2026-11-20T10:00:00-08:00",
        "ReportName": "TrialBalance",
        "DateMacro": "this month-to-date",
        "ReportBasis": "Accrual",
        "StartPeriod": "2026-11-01",
        "EndPeriod": "2026-11-20",
        "SummarizeColumnsBy": "Total",
        "Currency": "USD",
        "Option": [{"Name": "NoReportData", "Value": "false"}],
    }
    assert [(one["ColTitle"], one["ColType"], one["MetaData"][0]["Value"]) for one in report["Columns"]["Column"]] == [
        ("", "Account", "account"),
        ("Debit", "Money", "debit"),
        ("Credit", "Money", "credit"),
    ]
    assert report["Rows"]["Row"] == [
        {
            "ColData": [{"value": "Accounts Receivable (A/R)", "id": "84"}, {"value": "7462.00"}, {"value": ""}],
            "type": "Data",
        },
        {"ColData": [{"value": "Undeposited Funds", "id": "4"}, {"value": "840.00"}, {"value": ""}], "type": "Data"},
        {
            "ColData": [{"value": "Sales of Product Income", "id": "79"}, {"value": ""}, {"value": "8302.00"}],
            "type": "Data",
        },
        {
            "Summary": {"ColData": [{"value": "TOTAL"}, {"value": "8302.00"}, {"value": "8302.00"}]},
            "type": "Section",
            "group": "GrandTotal",
        },
    ]


def test_receivables_equal_the_open_items(api: Api) -> None:
    trial = balances(api.report("TrialBalance"))
    receivable = sum(Decimal(debit or 0) for name, (debit, _) in trial.items() if name.startswith("Accounts Rec"))
    total = api.report("AgedReceivableDetail")["Rows"]["Row"][-1]["Summary"]["ColData"][-1]
    assert Decimal(total["value"]) == receivable > 0
    # A company with several currencies has an account for each.
    assert "Accounts Receivable (A/R) - EUR" in trial


def test_tax_discount_shipping_and_deposit_post_to_their_accounts(second: Api) -> None:
    before = balances(second.report("TrialBalance"))
    lines = [
        sales_line("500", item="1", TaxCodeRef={"value": "TAX"}),
        sales_line("20", item="SHIPPING_ITEM_ID"),
        {"DetailType": "DiscountLineDetail", "Amount": 50, "DiscountLineDetail": {"PercentBased": False}},
    ]
    tax = {"TxnTaxCodeRef": {"value": "2"}}
    body = {"CustomerRef": {"value": "1"}, "Line": lines, "TxnTaxDetail": tax, "Deposit": 100}
    total = second.write("Invoice", body)["TotalAmt"]
    after = balances(second.report("TrialBalance"))
    assert after["Sales Tax Payable"] == ("", "40.00")
    assert after["Shipping Income"] == ("", "20.00")
    assert after["Discounts given"] == ("50.00", "")
    assert after["Undeposited Funds"] == ("940.00", "")
    owed = Decimal(before["Accounts Receivable (A/R)"][0]) + total - 100
    assert after["Accounts Receivable (A/R)"] == (str(owed), "")


def test_income_of_earlier_years_is_retained_earnings(second: Api) -> None:
    second.invoice("300", TxnDate="2025-12-31")
    found = balances(second.report("TrialBalance", end_date="2026-01-31"))
    assert found == {"Accounts Receivable (A/R)": ("300.00", ""), "Retained Earnings": ("", "300.00")}
    found = balances(second.report("TrialBalance", end_date="2025-12-31"))
    assert found == {"Accounts Receivable (A/R)": ("300.00", ""), "Sales of Product Income": ("", "300.00")}


def test_on_cash_basis_what_is_open_counts_not(second: Api) -> None:
    found = balances(second.report("TrialBalance", accounting_method="Cash"))
    assert found == {"Undeposited Funds": ("840.00", ""), "Sales of Product Income": ("", "840.00")}


def test_books_without_postings_have_no_rows(second: Api) -> None:
    report = second.report("TrialBalance", start_date="2020-01-01", end_date="2020-12-31")
    assert report["Rows"] == {}
    assert report["Header"]["Option"] == [{"Name": "NoReportData", "Value": "true"}]
    assert "DateMacro" not in report["Header"]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"start_date": "2026-11-20", "end_date": "2026-11-01"}, "2080"),
        ({"end_date": "yesterday"}, "2080"),
        ({"accounting_method": "Modified"}, "2170"),
        ({"summarize_column_by": "Month"}, "2170"),
        ({"date_macro": "all eternity"}, "2170"),
    ],
)
def test_a_wrong_parameter_is_refused(api: Api, parameters: dict[str, str], code: str) -> None:
    answer = api.get("/reports/TrialBalance", query_string=parameters)
    assert (answer.status_code, answer.get_json()["Fault"]["Error"][0]["code"]) == (400, code)
