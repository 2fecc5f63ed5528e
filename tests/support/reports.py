"""Builds QuickBooks' reports as Intuit documents them, for tests of what reads them."""

import json
from collections.abc import Sequence
from typing import Any

RECEIVABLES_COLUMNS = ("tx_date", "txn_type", "doc_num", "cust_name", "subt_open_bal")
REPORTED_AT = "2026-11-20T10:00:00-08:00"
Report = dict[str, Any]


def column(key: str, kind: str = "String") -> Report:
    return {"ColTitle": key.title(), "ColType": kind, "MetaData": [{"Name": "ColKey", "Value": key}]}


def header(name: str, **more: Any) -> Report:
    return {
        "Time": REPORTED_AT,
        "ReportName": name,
        "EndPeriod": "2099-12-31",
        "Currency": "USD",
        "Option": [{"Name": "NoReportData", "Value": "false"}],
        **more,
    }


def document(
    qbk_id: str, amount: str, *, kind: str = "Invoice", customer: str = "1", number: str = "", **more: str
) -> dict[str, Report]:
    """A row of AgedReceivableDetail as cells by column key."""
    return {
        "tx_date": {"value": "2026-11-01"},
        "txn_type": {"value": kind, "id": qbk_id} if qbk_id else {"value": kind},
        "doc_num": {"value": number or qbk_id},
        "cust_name": {"value": f"Customer {customer}", "id": customer},
        "subt_open_bal": {"value": amount},
        **{key: {"value": value} for key, value in more.items()},
    }


def receivables(
    rows: Sequence[dict[str, Report]],
    *,
    columns: Sequence[str] = RECEIVABLES_COLUMNS,
    total: str | None = None,
    **more: Any,
) -> Report:
    """An AgedReceivableDetail with all rows in one section, its sum below and the grand total at the end."""
    data = [{"ColData": [row[key] for key in columns], "type": "Data"} for row in rows]
    sums = [{"value": "" if key != "subt_open_bal" else total or ""} for key in columns]
    sums[0] = {"value": "TOTAL"}
    section = {
        "Header": {"ColData": [{"value": "1 - 30 days past due"}, *[{"value": ""} for _ in columns[1:]]]},
        "Rows": {"Row": data},
        "Summary": {"ColData": [{"value": "Total for 1 - 30 days past due"}, *sums[1:]]},
        "type": "Section",
    }
    return {
        "Header": header("AgedReceivableDetail", **more),
        "Columns": {"Column": [column(key) for key in columns]},
        "Rows": {"Row": [section, {"Summary": {"ColData": sums}, "type": "Section", "group": "GrandTotal"}]},
    }


def no_receivables() -> Report:
    """The report of a company to which nothing is owed."""
    return {
        "Header": header("AgedReceivableDetail", Option=[{"Name": "NoReportData", "Value": "true"}]),
        "Columns": {"Column": []},
        "Rows": {},
    }


def trial_balance(accounts: Sequence[tuple[str, str, str, str]], **more: Any) -> Report:
    """A TrialBalance from id, name, debit and credit of each account."""
    rows: list[Report] = [
        {"ColData": [{"value": name, "id": id_}, {"value": debit}, {"value": credit}], "type": "Data"}
        for id_, name, debit, credit in accounts
    ]
    return {
        "Header": header("TrialBalance", ReportBasis="Accrual", StartPeriod="1970-01-01", **more),
        "Columns": {
            "Column": [
                {"ColTitle": "", "ColType": "Account", "MetaData": [{"Name": "ColKey", "Value": "account"}]},
                {"ColTitle": "Debit", "ColType": "Money"},
                {"ColTitle": "Credit", "ColType": "Money"},
            ]
        },
        "Rows": {"Row": rows},
    }


def as_bytes(report: Report) -> bytes:
    return json.dumps(report).encode()
