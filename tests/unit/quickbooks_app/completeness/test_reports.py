"""QuickBooks' two reports are read by the keys of their columns, to the cent, and refused if they are not whole."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from quickbooks_app.completeness.receivables_report import (
    COLUMNS,
    FEWEST_COLUMNS,
    REPORT_DATE,
    columns_for,
    parse_receivables_report,
)
from quickbooks_app.completeness.report_table import TruncatedReport, UnreadableReport, amount
from quickbooks_app.completeness.trial_balance import TrialBalance, parse_trial_balance
from tests.support.reports import (
    RECEIVABLES_COLUMNS,
    as_bytes,
    column,
    document,
    no_receivables,
    receivables,
    trial_balance,
)

ACCOUNTS = [
    ("35", "Checking", "4,151.74", ""),
    ("84", "Accounts Receivable (A/R)", "60.00", ""),
    ("79", "Sales", "", "4211.74"),
]


def read(report: dict[str, Any]) -> Any:
    return parse_receivables_report(as_bytes(report), home_currency="USD")


def read_balance(report: dict[str, Any]) -> TrialBalance:
    return parse_trial_balance(as_bytes(report), home_currency="USD", report_date=REPORT_DATE)


def two_documents(**more: Any) -> dict[str, Any]:
    rows = [document("7", "100.00", number="1001"), document("9", "-40.00", kind="Credit Memo")]
    return receivables(rows, total="60.00", **more)


def test_each_open_document_is_read_with_its_id_customer_and_exact_amount() -> None:
    report = read(two_documents())
    assert [(line.entity, line.qbk_id, line.number, line.customer, line.open_amount) for line in report.lines] == [
        ("Invoice", "7", "1001", "1", Decimal("100.00")),
        ("CreditMemo", "9", "9", "1", Decimal("-40.00")),
    ]
    assert report.total == Decimal("60.00")
    assert report.time == datetime(2026, 11, 20, 18, tzinfo=UTC)


def test_columns_in_another_order_and_unknown_ones_beside_them_change_nothing() -> None:
    columns = ("subt_open_bal", "new_column", "cust_name", "txn_type", "doc_num", "tx_date")
    rows = [document("7", "100.00", new_column="x")]
    report = receivables(rows, columns=columns, total=None)
    report["Rows"]["Row"] = report["Rows"]["Row"][0]["Rows"]["Row"]  # without sections, as the new engine may give it
    assert [(line.qbk_id, line.open_amount) for line in read(report).lines] == [("7", Decimal("100.00"))]


def test_a_column_whose_type_is_its_key_is_found_without_a_key() -> None:
    report = two_documents()
    report["Columns"]["Column"] = [{"ColTitle": "?", "ColType": key} for key in RECEIVABLES_COLUMNS]
    assert read(report).total == 60


def test_a_company_to_which_nothing_is_owed_has_an_empty_report() -> None:
    report = read(no_receivables())
    assert (list(report.lines), report.total) == ([], 0)


def test_a_document_in_another_currency_is_read_in_it_and_in_the_home_currency() -> None:
    columns = (*RECEIVABLES_COLUMNS, "currency", "foreign_open_bal")
    rows = [
        document("7", "110.00", currency="EUR", foreign_open_bal="100.00"),
        document("8", "5.00", currency="USD", foreign_open_bal=""),
    ]
    lines = read(receivables(rows, columns=columns, total="115.00")).lines
    assert [(line.currency, line.open_amount, line.home_amount) for line in lines] == [
        ("EUR", Decimal("100.00"), Decimal("110.00")),
        ("USD", Decimal("5.00"), Decimal("5.00")),
    ]


def test_a_kind_that_infactor_does_not_know_keeps_the_word_of_quickbooks() -> None:
    lines = read(receivables([document("7", "1.00", kind="Journal Entry"), document("8", "2.00", kind="Zauber")])).lines
    assert [(line.entity, line.kind, line.is_read) for line in lines] == [
        ("JournalEntry", "Journal Entry", False),
        ("", "Zauber", False),
    ]


def without(path: str) -> Callable[[dict[str, Any]], None]:
    def change(report: dict[str, Any]) -> None:
        columns = report["Columns"]["Column"]
        columns[RECEIVABLES_COLUMNS.index(path)] = column("something_else")

    return change


def set_header(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda report: report["Header"].update(values)


def set_rows(rows: Any) -> Callable[[dict[str, Any]], None]:
    return lambda report: report["Rows"].update(Row=rows)


def set_amount(text: Any) -> Callable[[dict[str, Any]], None]:
    def change(report: dict[str, Any]) -> None:
        report["Rows"]["Row"][0]["Rows"]["Row"][0]["ColData"][4] = {"value": text}

    return change


@pytest.mark.parametrize(
    "spoil",
    [
        set_header(ReportName="AgedPayableDetail"),
        set_header(Currency="EUR"),
        set_header(EndPeriod="2026-11-20"),
        set_header(Option=[{"Name": "report_date", "Value": "2026-11-20"}]),
        set_header(Customer="1"),
        set_header(Option=[{"Name": "NoReportData", "Value": "true"}]),
        without("subt_open_bal"),
        without("txn_type"),
        without("cust_name"),
        set_rows([{"type": "Surprise"}]),
        set_rows([{"ColData": [{"value": "Invoice"}], "type": "Data"}]),
        set_rows("none"),
        set_amount("100.00 USD"),
        set_amount("1.000,00"),
        set_amount("NaN"),
        set_amount("99999999999999999999"),
        set_amount("100.001"),
        set_amount(["100"]),
        set_amount("101.00"),
    ],
)
def test_a_report_that_is_not_the_whole_one_that_was_asked_for_is_refused(spoil: Callable[[Any], None]) -> None:
    report = copy.deepcopy(two_documents())
    if report["Header"] and spoil.__qualname__.startswith("set_header"):
        report["Rows"]["Row"] = report["Rows"]["Row"][0]["Rows"]["Row"]
    spoil(report)
    with pytest.raises(UnreadableReport):
        read(report)


@pytest.mark.parametrize("body", [b"", b"<html>maintenance</html>", b"[]", b"{}", b'{"Fault": {}}', b"\xff\xfe"])
def test_what_is_no_report_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableReport):
        parse_receivables_report(body, home_currency="USD")


def test_a_report_that_quickbooks_cut_off_is_told_from_an_unreadable_one() -> None:
    report = two_documents()
    message = "Unable to display more data. Please reduce the date range."
    report["Rows"]["Row"].append({"ColData": [{"value": message}], "type": "Data"})
    with pytest.raises(TruncatedReport):
        read(report)


def test_a_foreign_amount_without_its_column_is_refused_instead_of_taken_for_dollars() -> None:
    rows = [document("7", "110.00", currency="EUR")]
    with pytest.raises(UnreadableReport):
        read(receivables(rows, columns=(*RECEIVABLES_COLUMNS, "currency"), total="110.00"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", "0"),
        ("  ", "0"),
        ("1234.5", "1234.50"),
        ("1,234,567.89", "1234567.89"),
        ("(50.00)", "-50.00"),
        ("-.50", "-0.50"),
        ("\N{MINUS SIGN}3", "-3.00"),
    ],
)
def test_an_amount_is_read_exactly(text: str, value: str) -> None:
    assert amount(text) == Decimal(value)


@pytest.mark.parametrize("text", ["1,23", "12,34.00", "(-1)", "--1", "1e5", "\u0661", "$5", "(1", "0x1"])
def test_a_text_that_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(UnreadableReport):
        amount(text)


def test_the_columns_of_a_large_company_are_the_fewest_and_a_larger_one_is_not_asked_for() -> None:
    assert columns_for(documents=60_000, has_currencies=False) == COLUMNS
    assert columns_for(documents=100_000, has_currencies=False) == FEWEST_COLUMNS
    assert columns_for(documents=130_000, has_currencies=False) == ()
    assert columns_for(documents=100_000, has_currencies=True) == ()


def test_the_receivables_account_is_found_by_its_usual_name_or_by_known_ids() -> None:
    balance = read_balance(trial_balance(ACCOUNTS))
    assert [(one.id, one.balance) for one in balance.receivables([])] == [("84", Decimal("60.00"))]
    assert [one.id for one in balance.receivables(["35"])] == ["35"]


def test_one_receivables_account_for_each_currency_is_found() -> None:
    accounts = [*ACCOUNTS, ("90", "Accounts Receivable (A/R) - EUR", "", "10.00"), ("91", "Debtors", "10.00", "")]
    found = read_balance(trial_balance(accounts)).receivables([])
    assert [(one.id, one.balance) for one in found] == [("84", 60), ("90", -10), ("91", 10)]


@pytest.mark.parametrize(
    "report",
    [
        trial_balance([*ACCOUNTS, ("1", "Lost", "1.00", "")]),
        trial_balance(ACCOUNTS, Currency="EUR"),
        trial_balance(ACCOUNTS) | {"Columns": {"Column": []}},
        receivables([]),
    ],
)
def test_a_trial_balance_that_does_not_balance_or_is_another_report_is_refused(report: dict[str, Any]) -> None:
    with pytest.raises(UnreadableReport):
        read_balance(report)


def test_a_trial_balance_on_a_cash_basis_is_refused() -> None:
    report = trial_balance(ACCOUNTS)
    report["Header"]["ReportBasis"] = "Cash"
    with pytest.raises(UnreadableReport):
        read_balance(report)
