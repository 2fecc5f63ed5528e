"""Reports take the parameters that Intuit's take: columns by list, filters, an order, and columns by key."""

from decimal import Decimal
from typing import Any

import pytest

from tests.functional.quickbooks_app.sandbox.conftest import Api, sales_line
from tests.functional.quickbooks_app.sandbox.reports.test_agreement import PERIOD, cell, every_row, keys, total

SERVICE = "5"  # not kept in stock, so that it costs nothing
TODAY = {"start_date": "2026-11-20", "end_date": "2026-11-20"}


@pytest.fixture
def tracked(api: Api) -> Api:
    """A company that sold and bought today in two classes, at two locations."""
    for amount, one, location in (("70", "1", "1"), ("30", "2", "3"), ("5", "", "")):
        where = {"DepartmentRef": {"value": location}} if location else {}
        line = sales_line(amount, item=SERVICE, **({"ClassRef": {"value": one}} if one else {}))
        api.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": [line], **where})
    detail = {"AccountRef": {"value": "7"}, "ClassRef": {"value": "1"}}
    bought = {"Amount": 20, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": detail}
    api.write("Bill", {"VendorRef": {"value": "30"}, "DepartmentRef": {"value": "3"}, "Line": [bought]})
    sides = [
        {
            "Amount": 8,
            "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": {
                "PostingType": side,
                "AccountRef": {"value": account},
                "ClassRef": {"value": "2"},
                "DepartmentRef": {"value": "1"},
            },
        }
        for side, account in (("Debit", "8"), ("Credit", "35"))
    ]
    api.write("JournalEntry", {"Line": sides})
    return api


def net_income(report: dict[str, Any]) -> dict[str, Decimal]:
    titles = [column["ColTitle"] for column in report["Columns"]["Column"][1:]]
    (row,) = (row for row in every_row(report) if row.get("group") == "NetIncome")
    return dict(zip(titles, (Decimal(one["value"]) for one in row["Summary"]["ColData"][1:]), strict=True))


def test_profit_stands_in_a_column_for_each_class_and_location(tracked: Api) -> None:
    by_class = net_income(tracked.report("ProfitAndLoss", **TODAY, summarize_column_by="Classes"))
    assert by_class == {"Roastery": 50, "Wholesale": 22, "Not Specified": 5, "Total": 77}
    by_location = net_income(tracked.report("ProfitAndLoss", **TODAY, summarize_column_by="Departments"))
    assert by_location == {"Portland": 62, "Seattle": 10, "Not Specified": 5, "Total": 77}
    by_item = net_income(tracked.report("ProfitAndLoss", **TODAY, summarize_column_by="ProductsAndServices"))
    assert by_item == {"Equipment service": 105, "Not Specified": -28, "Total": 77}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"class": "1"}, 50),
        ({"class": "1,2"}, 72),
        ({"department": "3"}, 10),
        ({"item": "5"}, 105),
        ({"class": "1", "department": "1"}, 70),
        ({"vendor": "30"}, -20),
    ],
)
def test_profit_is_filtered(tracked: Api, given: dict[str, str], expected: int) -> None:
    report = tracked.report("ProfitAndLoss", **TODAY, **given)
    assert total(report, "NetIncome") == expected
    assert {key: report["Header"][key.capitalize()] for key in given} == given


def test_a_cash_basis_keeps_the_class_of_what_is_paid(tracked: Api) -> None:
    invoice = tracked.query("SELECT * FROM Invoice WHERE TotalAmt = '70'")["Invoice"][0]
    tracked.pay(invoice, "35")
    cash = {**TODAY, "accounting_method": "Cash"}
    assert total(tracked.report("ProfitAndLoss", **cash, **{"class": "1"}), "NetIncome") == 35


def test_sales_are_filtered_and_stand_in_columns(tracked: Api) -> None:
    by_class = tracked.report("CustomerSales", **TODAY, summarize_column_by="Classes")
    assert [one["value"] for one in by_class["Rows"]["Row"][-1]["Summary"]["ColData"]] == [
        *("TOTAL", "70.00", "30.00", "5.00", "105.00"),
    ]
    assert total(tracked.report("DepartmentSales", **TODAY, **{"class": "2"}), "GrandTotal") == 30
    months = tracked.report("ItemSales", **PERIOD, summarize_column_by="Month")
    assert keys(months)[1:3] == ["Jan 2026", "Feb 2026"]
    assert total(months, "GrandTotal") == total(tracked.report("ItemSales", **PERIOD), "GrandTotal", "amount")


def test_lists_of_transactions_are_filtered_by_what_they_say(tracked: Api) -> None:
    def kinds(name: str, **given: str) -> list[str]:
        report = tracked.report(name, **TODAY, **given, columns="txn_type,doc_num,klass_name,dept_name")
        found = [cell(report, row["ColData"], "txn_type") for row in every_row(report) if "ColData" in row]
        return [one for one in found if one != "Beginning Balance"]

    assert kinds("TransactionList", department="3") == ["Invoice", "Bill"]
    assert kinds("TransactionListWithSplits", **{"class": "2"}) == ["Invoice", "Journal Entry", "Journal Entry"]
    assert kinds("TransactionList", payment_method="1") == []
    assert kinds("TransactionList", term="3") == ["Invoice", "Invoice", "Invoice", "Bill"]
    number = tracked.query("SELECT * FROM Invoice WHERE TotalAmt = '30'")["Invoice"][0]["DocNumber"]
    assert kinds("TransactionList", docnum=number) == ["Invoice"]
    assert kinds("TransactionList", start_createdate="2026-11-21") == []
    assert kinds("GeneralLedger", account="7") == ["Bill"]
    assert kinds("GeneralLedger", account_type="Expense") == ["Bill", "Journal Entry"]


def test_open_items_are_filtered_by_location_and_term(tracked: Api) -> None:
    on = {"report_date": "2026-11-20"}
    assert total(tracked.report("AgedReceivables", **on, department="3"), "GrandTotal") == 30
    assert total(tracked.report("CustomerBalance", **on, department="1"), "GrandTotal") == 70
    detail = tracked.report("CustomerBalanceDetail", **on, department="1,3", columns="tx_date,dept_name,subt_open_bal")
    assert keys(detail) == ["tx_date", "dept_name", "subt_open_bal"]
    assert {cell(detail, row["ColData"], "dept_name") for row in every_row(detail) if "ColData" in row} == {
        *("Portland", "Seattle"),
    }


def test_the_ageing_names_the_location_where_the_company_tracks_it(tracked: Api) -> None:
    assert "dept_name" not in keys(tracked.report("AgedReceivableDetail"))
    tracks = {"AccountingInfoPrefs": {"TrackDepartments": True}}
    tracked.write("Preferences", {"Id": "1", "SyncToken": "0", "sparse": True, **tracks})
    assert "dept_name" in keys(tracked.report("AgedReceivableDetail"))


def test_a_report_of_sums_is_sorted_by_its_total_and_one_of_details_by_a_column(api: Api) -> None:
    def totals(name: str, **given: str) -> list[Decimal]:
        rows = api.report(name, **PERIOD, **given)["Rows"]["Row"]
        return [Decimal(row["ColData"][-1]["value"]) for row in rows if "ColData" in row]

    assert totals("CustomerSales", sort_order="descend") == sorted(totals("CustomerSales"), reverse=True)
    assert totals("AgedReceivables", sort_order="ascend") == sorted(totals("AgedReceivables"))
    profit = api.report("ProfitAndLoss", **PERIOD, sort_order="descend")
    assert [row["group"] for row in profit["Rows"]["Row"]][:3] == ["Income", "COGS", "GrossProfit"]
    (income,) = (row for row in profit["Rows"]["Row"] if row["group"] == "Income")
    amounts = [Decimal(row["ColData"][1]["value"]) for row in income["Rows"]["Row"]]
    assert amounts == sorted(amounts, reverse=True)


def test_a_running_balance_follows_the_order_of_the_rows(api: Api) -> None:
    period = {"start_date": "2026-10-01", "end_date": "2026-12-31", "account": "84"}
    plain = api.report("GeneralLedger", **period)
    ordered = api.report("GeneralLedger", **period, sort_by="subt_nat_amount", sort_order="descend")
    first, *rest = ordered["Rows"]["Row"][0]["Rows"]["Row"]
    assert first["ColData"][0]["value"] == "Beginning Balance"
    balance = Decimal(cell(ordered, first["ColData"], "rbal_nat_amount"))
    amounts = [Decimal(cell(ordered, row["ColData"], "subt_nat_amount")) for row in rest]
    assert amounts == sorted(amounts, reverse=True)
    for row, amount in zip(rest, amounts, strict=True):
        balance += amount
        assert Decimal(cell(ordered, row["ColData"], "rbal_nat_amount")) == balance
    last = plain["Rows"]["Row"][0]["Rows"]["Row"][-1]["ColData"]
    assert Decimal(cell(plain, last, "rbal_nat_amount")) == balance


def test_all_dates_are_those_from_the_first_transaction_to_the_last(api: Api) -> None:
    report = api.report("ProfitAndLoss", date_macro="all", summarize_column_by="Month")
    assert report["Header"]["DateMacro"] == "all"
    assert "StartPeriod" not in report["Header"]
    assert 3 < len(keys(report)) < 30
    assert total(report, "NetIncome") == total(api.report("ProfitAndLoss", **PERIOD), "NetIncome")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("ProfitAndLoss", {"class": "999"}),
        ("CustomerSales", {"department": "999"}),
        ("GeneralLedger", {"account": "999"}),
        ("AgedReceivableDetail", {"term": "999"}),
    ],
)
def test_a_filter_by_what_does_not_exist_is_refused(api: Api, name: str, given: dict[str, str]) -> None:
    answer = api.get(f"/reports/{name}", query_string=given)
    assert answer.get_json()["Fault"]["Error"][0]["code"] == "2500"


def test_a_parameter_that_a_report_does_not_know_changes_nothing(api: Api) -> None:
    plain = api.report("TrialBalance", **PERIOD)
    assert api.report("TrialBalance", **PERIOD, customer="1", moon="full", **{"class": "999"}) == plain
