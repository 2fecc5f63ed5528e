"""The sandbox answers for AgedReceivableDetail in Intuit's form: every open item on receivables, by age."""

from decimal import Decimal
from typing import Any

import pytest

from tests.functional.quickbooks_app.sandbox.conftest import Api, sales_line

NAME = "AgedReceivableDetail"
TODAY = "2026-11-20"
Report = dict[str, Any]


def cells(report: Report) -> list[dict[str, dict[str, str]]]:
    """The cells of every item by ColKey."""
    keys = [column["MetaData"][0]["Value"] for column in report["Columns"]["Column"]]
    sections = report["Rows"].get("Row", [])
    rows = [row for section in sections for row in section.get("Rows", {}).get("Row", [])]
    return [dict(zip(keys, row["ColData"], strict=True)) for row in rows]


def values(report: Report, *keys: str) -> list[tuple[str, ...]]:
    return [tuple(row[key]["value"] for key in keys) for row in cells(report)]


def labels(report: Report) -> list[str]:
    return [row["Header"]["ColData"][0]["value"] for row in report["Rows"]["Row"] if "Header" in row]


@pytest.fixture
def customer(api: Api) -> str:
    return str(api.write("Customer", {"DisplayName": "Aged Ltd"})["Id"])


def test_the_whole_report_has_intuits_form(api: Api, customer: str) -> None:
    bill = api.invoice(
        "1200", customer=customer, TxnDate="2026-09-01", DueDate="2026-10-01", DocNumber="A-1", PrivateNote="Front yard"
    )
    report = api.report(NAME, customer=customer)
    assert report["Header"] == {
        "Time": "2026-11-20T10:00:00-08:00",
        "ReportName": NAME,
        "EndPeriod": TODAY,
        "Currency": "USD",
        "Customer": customer,
        "Option": [{"Name": "report_date", "Value": TODAY}, {"Name": "NoReportData", "Value": "false"}],
    }
    assert [(one["ColTitle"], one["ColType"], one["MetaData"]) for one in report["Columns"]["Column"]] == [
        ("Date", "Date", [{"Name": "ColKey", "Value": "tx_date"}]),
        ("Transaction Type", "String", [{"Name": "ColKey", "Value": "txn_type"}]),
        ("Num", "String", [{"Name": "ColKey", "Value": "doc_num"}]),
        ("Customer", "String", [{"Name": "ColKey", "Value": "cust_name"}]),
        ("Due Date", "Date", [{"Name": "ColKey", "Value": "due_date"}]),
        ("Memo/Description", "String", [{"Name": "ColKey", "Value": "memo"}]),
        ("Amount", "Money", [{"Name": "ColKey", "Value": "subt_amount"}]),
        ("Open Balance", "Money", [{"Name": "ColKey", "Value": "subt_open_bal"}]),
    ]
    blank = [{"value": ""}] * 7
    totals = [*blank[:5], {"value": "1200.00"}, {"value": "1200.00"}]
    item = [
        {"value": "2026-09-01"},
        {"value": "Invoice", "id": bill["Id"]},
        {"value": "A-1"},
        {"value": "Aged Ltd", "id": customer},
        {"value": "2026-10-01"},
        {"value": "Front yard"},
        {"value": "1200.00"},
        {"value": "1200.00"},
    ]
    assert report["Rows"]["Row"] == [
        {
            "Header": {"ColData": [{"value": "31 - 60 days past due"}, *blank]},
            "Rows": {"Row": [{"ColData": item, "type": "Data"}]},
            "Summary": {"ColData": [{"value": "Total for 31 - 60 days past due"}, *totals]},
            "type": "Section",
        },
        {"Summary": {"ColData": [{"value": "TOTAL"}, *totals]}, "type": "Section", "group": "GrandTotal"},
    ]


def test_a_report_without_items_says_so_and_has_no_rows(api: Api, customer: str) -> None:
    report = api.report(NAME, customer=customer)
    assert report["Header"]["Option"][-1] == {"Name": "NoReportData", "Value": "true"}
    assert report["Rows"] == {}


def test_every_kind_of_item_is_listed_with_what_is_open(api: Api, customer: str) -> None:
    bill = api.invoice("1000", customer=customer, Deposit=100)
    api.pay(bill, "250", total="300")
    api.write("CreditMemo", {"CustomerRef": {"value": customer}, "Line": [sales_line("80")]})
    party = {"Type": "Customer", "EntityRef": {"value": customer}}
    sides = [("Credit", {"value": "84"}, party), ("Debit", {"value": "94"}, {})]
    lines = [
        {
            "Amount": 60,
            "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": {"PostingType": side, "AccountRef": account, "Entity": entity},
        }
        for side, account, entity in sides
    ]
    api.write("JournalEntry", {"Line": lines, "DocNumber": "JE-7"})
    receipt = {"AccountRef": {"value": "84"}, "Entity": {"value": customer, "type": "CUSTOMER"}}
    api.write("Deposit", {"Line": [{"Amount": 40, "DepositLineDetail": receipt}]})
    share = {"AccountRef": {"value": "84"}, "CustomerRef": {"value": customer}}
    check = {"Amount": 25, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": share}
    api.write("Purchase", {"PaymentType": "Check", "Line": [check]})
    api.write("RefundReceipt", {"CustomerRef": {"value": customer}, "Line": [sales_line("15")]})
    report = api.report(NAME, customer=customer)
    assert values(report, "txn_type", "subt_amount", "subt_open_bal") == [
        ("Invoice", "1000.00", "650.00"),
        ("Payment", "-300.00", "-50.00"),
        ("Credit Memo", "-80.00", "-80.00"),
        ("Journal Entry", "-60.00", "-60.00"),
        ("Deposit", "-40.00", "-40.00"),
        ("Check", "25.00", "25.00"),
    ]
    assert report["Rows"]["Row"][-1]["Summary"]["ColData"][-1] == {"value": "445.00"}
    assert api.read("Customer", customer)["Balance"] == Decimal("445.00")


def test_buckets_run_from_the_oldest_to_what_is_not_due(api: Api, customer: str) -> None:
    for day in ("2026-11-20", "2026-11-19", "2026-10-21", "2026-10-20", "2026-08-22", "2026-08-21"):
        api.invoice("10", customer=customer, TxnDate="2026-08-01", DueDate=day)
    report = api.report(NAME, customer=customer)
    assert labels(report) == [
        "91 or more days past due",
        "61 - 90 days past due",
        "31 - 60 days past due",
        "1 - 30 days past due",
        "Current",
    ]
    assert [len(row["Rows"]["Row"]) for row in report["Rows"]["Row"][:-1]] == [1, 1, 1, 2, 1]
    shorter = api.report(NAME, customer=customer, aging_period="60", num_periods="2")
    assert labels(shorter) == ["61 or more days past due", "1 - 60 days past due", "Current"]


def test_a_report_of_an_earlier_day_shows_what_was_open_then(api: Api, customer: str) -> None:
    bill = api.invoice("500", customer=customer, TxnDate="2026-09-01", DueDate="2026-09-30")
    line = {"Amount": 200, "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Invoice"}]}
    paid = {"CustomerRef": {"value": customer}, "TotalAmt": 200, "TxnDate": "2026-10-10", "Line": [line]}
    api.write("Payment", paid)
    api.invoice("70", customer=customer, TxnDate="2026-11-01")
    before = api.report(NAME, customer=customer, report_date="2026-10-09")
    assert (values(before, "subt_open_bal"), labels(before)) == ([("500.00",)], ["1 - 30 days past due"])
    now = api.report(NAME, customer=customer, report_date="2026-10-09", aging_method="Current")
    assert (values(now, "subt_open_bal"), labels(now)) == ([("300.00",)], ["31 - 60 days past due"])
    assert values(api.report(NAME, customer=customer, date_macro="Last Month"), "subt_open_bal") == [("300.00",)]
    assert api.report(NAME, customer=customer, report_date="2026-08-31")["Rows"] == {}


def test_columns_are_chosen_but_not_their_order(api: Api, customer: str) -> None:
    api.invoice("10", customer=customer, TxnDate="2026-08-01", DueDate="2026-09-25")
    report = api.report(NAME, customer=customer, columns="due_date,cust_name,no_such_column")
    assert [one["ColTitle"] for one in report["Columns"]["Column"]] == ["Customer", "Due Date"]
    # As recorded: without an amount the total is a section of its own.
    assert labels(report) == ["31 - 60 days past due", "Total for 31 - 60 days past due"]
    assert "Summary" not in report["Rows"]["Row"][0]


def test_amounts_are_in_the_home_currency_and_foreign_ones_on_request(api: Api) -> None:
    api.invoice("100", customer="12", ExchangeRate=1.25, DocNumber="EU-1")
    wanted = "doc_num,currency,exch_rate,foreign_amount,subt_amount,foreign_open_bal,subt_open_bal"
    report = api.report(NAME, customer="12", columns=wanted)
    assert ("EU-1", "EUR", "1.25", "100.00", "125.00", "100.00", "125.00") in values(report, *wanted.split(","))
    total = report["Rows"]["Row"][-1]["Summary"]["ColData"]
    assert [total[3]["value"], total[5]["value"]] == ["", ""]
    assert "foreign_amount" not in cells(api.report(NAME, customer="12"))[0]


def test_filters_by_due_date_and_days_past_due(api: Api, customer: str) -> None:
    for day in ("2026-10-01", "2026-11-01", "2026-12-01"):
        api.invoice("10", customer=customer, TxnDate="2026-09-01", DueDate=day)
    kept = api.report(NAME, customer=customer, start_duedate="2026-10-15", end_duedate="2026-11-15")
    assert values(kept, "due_date") == [("2026-11-01",)]
    assert values(api.report(NAME, customer=customer, past_due="40"), "due_date") == [("2026-10-01",)]


@pytest.mark.parametrize(
    ("parameters", "code", "element"),
    [
        ({"report_date": "20.11.2026"}, "2080", "report_date"),
        ({"report_date": "2026-02-30"}, "2080", "report_date"),
        ({"aging_period": "0"}, "2080", "aging_period"),
        ({"num_periods": "four"}, "2080", "num_periods"),
        ({"past_due": "NaN"}, "2080", "past_due"),
        ({"aging_method": "Yearly"}, "2170", "aging_method"),
        ({"accounting_method": "Both"}, "2170", "accounting_method"),
        ({"date_macro": "all eternity"}, "2170", "date_macro"),
        ({"customer": "999999"}, "2500", "customer"),
    ],
)
def test_a_wrong_parameter_is_refused(api: Api, parameters: dict[str, str], code: str, element: str) -> None:
    answer = api.get(f"/reports/{NAME}", query_string=parameters)
    assert answer.status_code == 400
    (error,) = answer.get_json()["Fault"]["Error"]
    assert (error["code"], error["element"]) == (code, element)


def test_a_document_that_a_payment_names_and_the_books_lost_does_not_stop_the_report(api: Api, customer: str) -> None:
    bill = api.invoice("100", customer=customer)
    api.pay(bill, "40")
    store = api.client.application.extensions["sandbox"].store
    with store.transaction() as connection:
        connection.execute("DELETE FROM objects WHERE entity = 'Invoice' AND id = ?", (bill["Id"],))
    report = api.report(NAME, customer=customer)
    assert values(report, "txn_type", "subt_open_bal") == [("Invoice", "-40.00")]
