"""The shape that reports are expected to take with Intuit's new engine: same facts, columns and rows elsewhere.

Only ColKey and `group` find anything again: the columns stand in another order behind a new one, titles are written in
another way, and a section that no client knows stands before the others.
"""

from typing import Any

from quickbooks_app.sandbox.reports.shape import Column
from quickbooks_app.sandbox.runtime.documents import Document

_NEW = Column("row_key", "", "String")


def shifted(report: Document) -> Document:
    """Return a report in the shifted shape."""
    columns = [_retitled(column) for column in report["Columns"]["Column"]]
    number = len(columns)
    rows = [_shifted_row(row, number=number) for row in report["Rows"].get("Row", [])]
    first = {"type": "Section", "group": "ReportNotes", "Rows": {"Row": []}}
    return {
        **report,
        "Columns": {"Column": [_NEW.as_document(), *reversed(columns)]},
        "Rows": {"Row": [first, *rows]} if rows else {},
    }


def _retitled(column: Document) -> Document:
    return {**column, "ColTitle": str(column["ColTitle"]).upper()}


def _shifted_row(row: Document, *, number: int) -> Document:
    result: dict[str, Any] = {}
    for key, value in row.items():
        if key in ("Header", "Summary"):
            result[key] = {**value, "ColData": _shifted_cells(value["ColData"], number=number)}
        elif key == "ColData":
            result[key] = _shifted_cells(value, number=number)
        elif key == "Rows":
            result[key] = {"Row": [_shifted_row(one, number=number) for one in value.get("Row", [])]}
        else:
            result[key] = value
    return result


def _shifted_cells(cells: list[Document], *, number: int) -> list[Document]:
    filled = [*cells, *({"value": ""} for _ in range(number - len(cells)))]
    return [{"value": ""}, *reversed(filled)]
