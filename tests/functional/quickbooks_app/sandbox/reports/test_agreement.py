"""Reports computed from one ledger agree with each other, to the cent."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from quickbooks_app.sandbox.data.generate import MAIN_REALM, SECOND_REALM
from quickbooks_app.sandbox.oauth.tokens import Tokens
from quickbooks_app.sandbox.reports.catalogue import REPORTS
from quickbooks_app.sandbox.runtime.faults import Faults
from tests.functional.quickbooks_app.sandbox.conftest import Api
from tests.functional.quickbooks_app.sandbox.objects.bodies import BODIES, filled

PERIOD = {"start_date": "2026-01-01", "end_date": "2026-12-31"}
ON = {"report_date": "2026-12-31"}

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Report = dict[str, Any]


def keys(report: Report) -> list[str]:
    """The ColKey of each column."""
    return [
        next(one["Value"] for one in column["MetaData"] if one["Name"] == "ColKey")
        for column in report["Columns"]["Column"]
    ]


def walk(rows: list[Report]) -> Iterator[Report]:
    for row in rows:
        yield row
        yield from walk(row.get("Rows", {}).get("Row", []))


def every_row(report: Report) -> list[Report]:
    return list(walk(report["Rows"].get("Row", [])))


def cell(report: Report, cells: list[Report], key: str) -> str:
    text: str = cells[keys(report).index(key)]["value"]
    return text


def total(report: Report, group: str, key: str = "total") -> Decimal:
    """What a group's total says, found as clients should find it: by `group` and ColKey."""
    (row,) = (row for row in every_row(report) if row.get("group") == group)
    cells = row["Summary"]["ColData"] if "Summary" in row else row["ColData"]
    return Decimal(cell(report, cells, key) or 0)


def by_account(report: Report, key: str) -> dict[str, Decimal]:
    """The amount of each account by its id: of its row, or of the header of its section."""
    found = {}
    for row in every_row(report):
        cells = row.get("ColData") or row.get("Header", {}).get("ColData", [])
        if cells and (id := cells[keys(report).index("account")].get("id")) and cell(report, cells, key):
            found[id] = Decimal(cell(report, cells, key))
    return found


@pytest.fixture(params=[MAIN_REALM, SECOND_REALM])
def books(request: pytest.FixtureRequest, client: FlaskClient, give_tokens: Callable[..., Tokens]) -> Api:
    """A sample company that also has one of every object that can be created."""
    api = Api(client=client, token=give_tokens(realm=request.param).access, realm=request.param)
    add_one_of_each(api)
    return api


def add_one_of_each(api: Api) -> None:
    ids: dict[str, str] = {}
    for name, body in BODIES.items():
        made = api.post(f"/{name.lower()}", filled(body, ids)).get_json()
        found = next((value for key, value in made.items() if isinstance(value, dict) and "Id" in value), None)
        ids[name] = found["Id"] if found else ""


@pytest.mark.parametrize("basis", ["Accrual", "Cash"])
@pytest.mark.parametrize("end", ["2026-10-15", "2026-12-31", "2027-02-15"])
def test_the_balance_sheet_balances_and_agrees_with_trial_balance_and_profit(books: Api, basis: str, end: str) -> None:
    period = {"start_date": f"{end[:4]}-01-01", "end_date": end, "accounting_method": basis}
    sheet, trial = books.report("BalanceSheet", **period), books.report("TrialBalance", **period)
    profit = books.report("ProfitAndLoss", **period)
    if not sheet["Rows"]:
        assert (basis, profit["Rows"], trial["Rows"]) == ("Cash", {}, {})
        return
    assert total(sheet, "TotalAssets") == total(sheet, "TotalLiabilitiesAndEquity")
    assert total(sheet, "NetIncome") == (total(profit, "NetIncome") if profit["Rows"] else 0)
    assert profit["Rows"] or end.startswith("2027") or basis == "Cash"
    if trial["Rows"]:
        assert total(trial, "GrandTotal", "debit") == total(trial, "GrandTotal", "credit") != 0
    debits, credits = by_account(trial, "debit"), by_account(trial, "credit")
    net = {id: debits.get(id, Decimal(0)) - credits.get(id, Decimal(0)) for id in {*debits, *credits}}
    stated = {**by_account(sheet, "total"), **by_account(profit, "total")}
    assert {id: abs(amount) for id, amount in stated.items() if amount} == {id: abs(x) for id, x in net.items()}


def test_cash_at_the_end_is_what_the_bank_accounts_have(books: Api) -> None:
    flow, sheet = books.report("CashFlow", **PERIOD), books.report("BalanceSheet", **PERIOD)
    assert total(flow, "EndingCash") == total(sheet, "BankAccounts")
    later = books.report("CashFlow", start_date="2026-11-01", end_date="2026-12-31")
    assert total(later, "BeginningCash") + total(later, "CashIncrease") == total(flow, "EndingCash")


def test_a_balance_sheet_by_customers_adds_up_to_the_whole(books: Api) -> None:
    report = books.report("BalanceSheet", **PERIOD, summarize_column_by="Customers")
    for row in every_row(report):
        cells = (row.get("Summary") or row).get("ColData") or []
        amounts = [Decimal(one["value"] or 0) for one in cells[1:]]
        assert not amounts or amounts[-1] == sum(amounts[:-1])
    assert total(report, "TotalAssets") == total(report, "TotalLiabilitiesAndEquity") != 0


@pytest.mark.parametrize("name", ["ProfitAndLoss", "BalanceSheet", "CashFlow"])
def test_months_add_up_and_end_where_the_whole_ends(books: Api, name: str) -> None:
    report = books.report(name, **PERIOD, summarize_column_by="Month")
    months = keys(report)[1:-1]
    assert months == [f"{month} 2026" for month in MONTHS]
    for row in every_row(report):
        cells = (row.get("Summary") or row).get("ColData")
        if not cells or row.get("group") in ("BeginningCash", "EndingCash"):
            continue
        amounts = [Decimal(one["value"] or 0) for one in cells[1:]]
        assert amounts[-1] == (amounts[-2] if name == "BalanceSheet" else sum(amounts[:-1]))


def test_columns_of_every_kind_add_up_to_the_total(books: Api) -> None:
    period = {"start_date": "2026-10-01", "end_date": "2026-11-30"}
    for choice in ("Week", "Days", "Quarter", "Year", "Customers", "Vendors", "Employees", "Classes"):
        report = books.report("ProfitAndLoss", **period, summarize_column_by=choice)
        (net,) = (row for row in every_row(report) if row.get("group") == "NetIncome")
        amounts = [Decimal(one["value"]) for one in net["Summary"]["ColData"][1:]]
        assert amounts[-1] == sum(amounts[:-1]) != 0, choice
        assert report["Header"]["SummarizeColumnsBy"] == choice


@pytest.mark.parametrize(
    ("group", "names"),
    [
        ("AR", ("AgedReceivables", "AgedReceivableDetail", "CustomerBalance", "CustomerBalanceDetail")),
        ("AP", ("AgedPayables", "AgedPayableDetail", "VendorBalance", "VendorBalanceDetail")),
    ],
)
def test_what_is_open_is_the_same_in_every_report(books: Api, group: str, names: tuple[str, ...]) -> None:
    sheet = books.report("BalanceSheet", **PERIOD)
    sums = {}
    for name in names:
        report = books.report(name, **ON)
        sums[name] = total(report, "GrandTotal", "subt_open_bal" if "Detail" in name else "total")
    assert set(sums.values()) == {total(sheet, group)}


def test_the_general_ledger_ends_with_the_balances_of_the_trial_balance(books: Api) -> None:
    period = {"start_date": "2026-10-01", "end_date": "2026-12-31"}
    ledger, trial = books.report("GeneralLedger", **period), books.report("TrialBalance", **period)
    ends = {}
    for section in ledger["Rows"]["Row"]:
        if "Rows" in section:
            last = section["Rows"]["Row"][-1]["ColData"]
            id = section["Header"]["ColData"][0]["id"]
            ends[id] = Decimal(cell(ledger, last, "rbal_nat_amount"))
    stated = {**by_account(trial, "debit"), **by_account(trial, "credit")}
    assert {id: abs(x) for id, x in ends.items() if x} == {id: abs(x) for id, x in stated.items()}


def test_debits_are_credits_in_the_journal_and_in_each_of_its_transactions(books: Api) -> None:
    journal = books.report("JournalReport", **PERIOD)
    assert total(journal, "GrandTotal", "debt_amt") == total(journal, "GrandTotal", "credit_amt") != 0
    for section in journal["Rows"]["Row"]:
        cells = section["Summary"]["ColData"]
        assert cell(journal, cells, "debt_amt") == cell(journal, cells, "credit_amt")


def test_lists_of_transactions_tell_of_the_same_transactions(books: Api) -> None:
    listed = books.report("TransactionList", **PERIOD)
    split = books.report("TransactionListWithSplits", **PERIOD)
    kind = keys(listed).index("txn_type")
    ids = {row["ColData"][kind]["id"] for row in every_row(listed)}
    assert ids == {row["ColData"][kind]["id"] for row in every_row(split) if "ColData" in row}
    by_party = [books.report(f"TransactionListBy{party}", **PERIOD) for party in ("Customer", "Vendor")]
    assert {row["ColData"][kind]["id"] for one in by_party for row in every_row(one) if "ColData" in row} <= ids
    invoices = books.report("TransactionList", **PERIOD, transaction_type="Invoice")
    assert {row["ColData"][kind]["value"] for row in every_row(invoices)} == {"Invoice"}


def test_a_list_of_transactions_is_sorted_as_asked(api: Api) -> None:
    def amounts(**given: str) -> list[Decimal]:
        report = api.report("TransactionList", **PERIOD, **given)
        return [Decimal(cell(report, row["ColData"], "subt_nat_amount")) for row in every_row(report)]

    assert amounts(sort_by="subt_nat_amount") == sorted(amounts())
    assert amounts(sort_by="subt_nat_amount", sort_order="descend") == sorted(amounts(), reverse=True)
    assert amounts(sort_order="descend") == amounts()[::-1]


def test_sales_are_the_same_by_customer_item_class_and_department(books: Api) -> None:
    sums = {
        total(books.report(name, **PERIOD), "GrandTotal", "amount" if name == "ItemSales" else "total")
        for name in ("CustomerSales", "ItemSales", "ClassSales", "DepartmentSales")
    }
    assert len(sums) == 1
    income = books.report("CustomerIncome", **PERIOD)
    profit = books.report("ProfitAndLoss", **PERIOD)
    assert total(income, "GrandTotal", "net_income") == total(profit, "NetIncome")


def test_every_report_is_whole_and_empty_books_have_no_data(books: Api) -> None:
    period = {**PERIOD, **ON}
    for name in REPORTS:
        report = books.report(name, **period)
        width = len(keys(report))
        assert len(set(keys(report))) == width, name
        assert report["Header"]["ReportName"] == name
        for row in every_row(report):
            for part in (row, row.get("Header", {}), row.get("Summary", {})):
                assert len(part.get("ColData", [""] * width)) == width, name
                assert all(isinstance(one["value"], str) for one in part.get("ColData", [])), name
    books.client.post("/control/faults", data={"kind": "report_empty"})
    for name in REPORTS:
        empty = books.report(name, **period)
        if not name.startswith(("AccountList", "Inventory")):
            assert {"Name": "NoReportData", "Value": "true"} in empty["Header"]["Option"], name
            assert empty["Rows"] == {}, name


def test_the_new_engine_shifts_the_shape_and_keeps_the_facts(api: Api, faults: Faults) -> None:
    add_one_of_each(api)
    period = {**PERIOD, **ON}
    for name in REPORTS:
        plain = api.report(name, **period)
        faults.set_rule("reports_of_new_engine", on=True)
        moved = api.report(name, **period)
        faults.set_rule("reports_of_new_engine", on=False)
        assert moved["Columns"] != plain["Columns"], name
        assert facts(moved) == facts(plain), name
    assert api.report(name, **period, testing_migration="true") == moved


def facts(report: Report) -> list[dict[str, str]]:
    """Every row by ColKey."""
    known = [key for key in keys(report) if key != "row_key"]
    return [
        {key: cell(report, row["ColData"], key) for key in sorted(known)}
        for row in every_row(report)
        if "ColData" in row
    ]


@pytest.mark.parametrize(
    ("name", "given", "code"),
    [
        ("ProfitAndLoss", {"start_date": "yesterday"}, "2080"),
        ("ProfitAndLoss", {"start_date": "2026-02-01", "end_date": "2026-01-01"}, "2080"),
        ("ProfitAndLoss", {"summarize_column_by": "Moons"}, "2170"),
        ("BalanceSheet", {"accounting_method": "Barter"}, "2170"),
        ("CashFlow", {"date_macro": "next eon"}, "2170"),
        ("GeneralLedger", {"customer": "99999"}, "2500"),
        ("VendorBalance", {"vendor": "99999"}, "2500"),
        ("ItemSales", {"item": "99999"}, "2500"),
        ("FECReport", {}, "5020"),
    ],
)
def test_wrong_questions_are_refused(api: Api, name: str, given: dict[str, str], code: str) -> None:
    answer = api.get(f"/reports/{name}", query_string=given)
    assert answer.get_json()["Fault"]["Error"][0]["code"] == code


def test_the_preferred_basis_is_the_default(api: Api) -> None:
    assert api.report("ProfitAndLoss", **PERIOD)["Header"]["ReportBasis"] == "Accrual"
    api.write("Preferences", {"Id": "1", "SyncToken": "0", "sparse": True, "ReportPrefs": {"ReportBasis": "Cash"}})
    assert api.report("ProfitAndLoss", **PERIOD)["Header"]["ReportBasis"] == "Cash"
