"""Reports and query results become rows and columns, whatever their form, and without losing a digit."""

import msgspec
import pytest

from quickbooks_app.console.grids import UnreadableAnswer, query_grid, report_grid

EM = "\N{EM SPACE}"


def cells(*values: object) -> dict[str, object]:
    return {"ColData": [{"value": value} for value in values]}


def section(header: object, *rows: object, total: object) -> dict[str, object]:
    return {"Header": header, "Rows": {"Row": list(rows)}, "Summary": total}


def report(*rows: object, columns: tuple[str | None, ...] = ("", "Total")) -> bytes:
    return msgspec.json.encode(
        {
            "Header": {"Time": "2026-11-20T04:00:00-08:00", "ReportName": "ProfitAndLoss"},
            "Columns": {"Column": [{"ColTitle": title} for title in columns]},
            "Rows": {"Row": list(rows)},
        }
    )


def test_sections_keep_their_place_and_their_sums() -> None:
    inner = section(cells("Fees", "10.00"), cells("Late fees", "2.50"), total=cells("Total Fees", "12.50"))
    income = section(cells("Income"), cells("Sales", "1,000.10"), inner, total=cells("Total", "1,012.60"))
    grid = report_grid(report(income, {"Summary": cells("NET", "1,012.60")}))
    assert grid.columns == ["", "Total"]
    assert grid.rows == [
        ["Income", ""],
        [f"{EM}Sales", "1,000.10"],
        [f"{EM}Fees", "10.00"],
        [f"{EM}{EM}Late fees", "2.50"],
        [f"{EM}Total Fees", "12.50"],
        ["Total", "1,012.60"],
        ["NET", "1,012.60"],
    ]
    assert grid.as_of == "2026-11-20T04:00:00-08:00"


def test_a_report_without_data_has_no_rows() -> None:
    assert report_grid(b'{"Header":{},"Columns":{"Column":[]},"Rows":{}}').rows == []


def test_a_report_that_was_cut_off_says_so() -> None:
    assert report_grid(report(cells("Unable to display more data. Please reduce the date range.", ""))).is_truncated


def test_more_cells_than_columns_or_fewer_are_no_error() -> None:
    assert report_grid(report(cells("a", "1", "2"), cells("b"), cells())).rows == [["a", "1"], ["b", ""], ["", ""]]


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"Fault":{}}', b'{"Header":{},"Columns":{"Column":"x"}}'])
def test_what_is_no_report_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        report_grid(body)


def test_sections_without_end_are_refused() -> None:
    row: dict[str, object] = cells("x")
    for _ in range(40):
        row = {"Rows": {"Row": [row]}}
    with pytest.raises(UnreadableAnswer, match="too deeply"):
        report_grid(report(row))


def test_objects_get_a_column_for_each_field_and_amounts_keep_their_digits() -> None:
    grid = query_grid(
        [
            b'{"Id":"1","Balance":100.10,"VendorRef":{"value":"7","name":"Acme"},"domain":"QBO","sparse":false}',
            b'{"Id":"2","Active":true,"Line":[{},{}],"LinkedTxn":[{}],"TotalAmt":12345678901234.56}',
        ]
    )
    assert grid.columns == [
        "Id",
        "Balance",
        "VendorRef.value",
        "VendorRef.name",
        "Active",
        "Line",
        "LinkedTxn",
        "TotalAmt",
    ]
    assert grid.rows == [
        ["1", "100.10", "7", "Acme", "", "", "", ""],
        ["2", "", "", "", "yes", "2 entries", "1 entry", "12345678901234.56"],
    ]


def test_a_count_is_a_grid_of_one() -> None:
    assert query_grid([], total=12).rows == [["12"]]


@pytest.mark.parametrize("raw", [b"[1]", b"{", b'"x"', b"\xff"])
def test_what_is_no_object_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        query_grid([raw])
